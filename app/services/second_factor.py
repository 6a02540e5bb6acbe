"""The second factor: a code of the person's telephone (TOTP, RFC 6238), or a recovery code written down for the
day on which that telephone is lost.

SHA-1, six digits and thirty seconds are what every authenticator app understands. The secret is sealed in its
column; of a recovery code, 50 bits, only a keyed hash is kept, so that a stolen table cannot be searched for it.
"""

import base64
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pyotp import HOTP, TOTP, random_base32
from sqlalchemy import delete, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import keyring_of
from app.domain.second_factor import DIGITS, steps_around
from app.models.person import RecoveryCode
from app.sealing import Keyring

ISSUER: Final = "四单"
RECOVERY_CODES: Final = 10
_HALF: Final = 5


@dataclass(frozen=True, slots=True)
class Given:
    """A second factor that was given: the time step of a code, or the hash of a recovery code not yet spent."""

    step: int | None = None
    recovery: str | None = None


def new_secret() -> str:
    """160 bits in base32."""
    return random_base32()


def address_of(secret: str, username: str) -> str:
    """`otpauth://…`, for a QR code."""
    return TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def given(keyring: Keyring, secret: str, last: int | None, code: str, at: datetime) -> Given | None:
    """What `code` is, as far as that can be told without the database; None for a code that does not fit."""
    text = unicodedata.normalize("NFKC", code).replace(" ", "").replace("-", "").upper()
    if len(text) != DIGITS:
        return Given(recovery=_hashed(keyring, text))
    codes = {step: HOTP(secret).at(step) for step in steps_around(at, last)}
    fitting = [step for step, right in codes.items() if hmac.compare_digest(right.encode(), text.encode())]
    return Given(step=fitting[0]) if fitting else None


async def spend(session: AsyncSession, person_id: UUID, hashed: str, at: datetime) -> bool:
    """A recovery code stands in once."""
    spent = await session.exec(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.person_id) == person_id,
            col(RecoveryCode.digest) == hashed,
            col(RecoveryCode.spent_at).is_(None),
        )
        .values(spent_at=at)
        .returning(col(RecoveryCode.id))
        .execution_options(synchronize_session=False)
    )
    return spent.first() is not None


async def renew_recovery_codes(session: AsyncSession, person_id: UUID) -> list[str]:
    """Ten new ones, as they are shown this one time; those before are no longer any."""
    await forget_recovery_codes(session, person_id)
    codes = [base64.b32encode(secrets.token_bytes(7)).decode()[: 2 * _HALF] for _ in range(RECOVERY_CODES)]
    keyring = keyring_of(session)
    session.add_all(RecoveryCode(person_id=person_id, digest=_hashed(keyring, code)) for code in codes)
    await session.flush()
    return [f"{code[:_HALF]}-{code[_HALF:]}" for code in codes]


async def forget_recovery_codes(session: AsyncSession, person_id: UUID) -> None:
    await session.exec(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))


def _hashed(keyring: Keyring, code: str) -> str:
    return keyring.hashed(code, "recovery code")
