"""Access tokens: short-lived, signed, and carrying no rights.

A token says who signed in where; what that person may do is read from the database on every request, so a
revoked grant bites at once. Signed with HS256 by python-jose under a key id, so a secret can be rotated:
the previous one still verifies until its tokens have run out.

Only what `issue()` writes is read: the same algorithm, the same header, the same claims, in one spelling. Each
thing that a token could say besides (`nbf`, `jku`, `crit`, padding, white space) is one more thing to get wrong.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final
from uuid import UUID

from jose import JWTError, jwt

from app.domain.duties import Duties
from app.errors import Unauthenticated
from app.settings import Settings

ALGORITHM = "HS256"
ISSUER = "sidan"
AHEAD_SECONDS: Final = 60
"""By which the clocks of two machines may differ."""
_CLAIMS: Final = {"iss", "sub", "sid", "iat", "exp"}
_SHAPE: Final = re.compile(
    r"[A-Za-z0-9_-]{40,120}\.[A-Za-z0-9_-]{100,400}\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
)
"""The last character of 32 bytes in base64 has two bits to spare, and they are zero."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Who signed in, and by which sign-in. Times are UNIX times in seconds; `duties` is what this installation asks
    of whoever was granted a role.
    """

    person_id: UUID
    sign_in_id: UUID
    issued_at: int = field(compare=False)
    expires_at: int
    duties: Duties = field(repr=False)


class Tokens:
    """Issues and reads access tokens with the secrets of one Settings."""

    def __init__(self, settings: Settings) -> None:
        current = settings.secret.get_secret_value()
        previous = settings.previous_secret.get_secret_value() if settings.previous_secret else None
        self._secrets = {_key_id(secret): secret for secret in (previous, current) if secret}
        self._current = _key_id(current)
        self._duties = settings.duties
        self.lifetime = timedelta(minutes=settings.access_minutes)
        self._verify = lru_cache(maxsize=10_000)(self._verify_once)

    def issue(
        self, person_id: UUID, sign_in_id: UUID, at: datetime, lifetime: timedelta | None = None
    ) -> str:
        claims = {
            "iss": ISSUER,
            "sub": person_id.hex,
            "sid": sign_in_id.hex,
            "iat": int(at.timestamp()),
            "exp": int((at + (lifetime or self.lifetime)).timestamp()),
        }
        secret = self._secrets[self._current]
        return str(jwt.encode(claims, secret, algorithm=ALGORITHM, headers={"kid": self._current}))

    def read(self, token: str, at: datetime) -> Claims:
        """The claims of a token valid at `at`. Raises Unauthenticated for any other string.

        A verified signature is remembered, its times are not: they are compared on every call. What does not verify
        is not remembered at all, so that noise drives no good token out.
        """
        claims = self._verify(token)
        here = at.timestamp()
        if claims.expires_at <= here or claims.issued_at > here + AHEAD_SECONDS:
            raise Unauthenticated
        return claims

    @property
    def remembered(self) -> int:
        """How many verified tokens this process holds."""
        return self._verify.cache_info().currsize

    def claims(self, person_id: UUID, sign_in_id: UUID) -> Claims:
        """Of somebody who has just signed in, and has no token yet."""
        return Claims(person_id, sign_in_id, 0, 0, self._duties)

    def _verify_once(self, token: str) -> Claims:
        if _SHAPE.fullmatch(token) is None:
            raise Unauthenticated
        try:
            header = jwt.get_unverified_header(token)
            secret = self._secrets[header["kid"]]
            if header != {"alg": ALGORITHM, "kid": header["kid"], "typ": "JWT"}:
                raise Unauthenticated
            claims = jwt.decode(
                token, secret, algorithms=[ALGORITHM], issuer=ISSUER, options={"verify_exp": False}
            )
            return self._read(claims)
        except (JWTError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
            raise Unauthenticated from None

    def _read(self, claims: dict[str, object]) -> Claims:
        person, sign_in, issued, expires = (claims[name] for name in ("sub", "sid", "iat", "exp"))
        if claims.keys() != _CLAIMS or type(issued) is not int or type(expires) is not int:
            raise Unauthenticated
        return Claims(UUID(hex=str(person)), UUID(hex=str(sign_in)), issued, expires, self._duties)


def _key_id(secret: str) -> str:
    """A name for a secret that tells nothing about it."""
    return sha256(b"sidan key id " + secret.encode()).hexdigest()[:12]
