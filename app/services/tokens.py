"""Access tokens: short-lived, signed, and carrying no rights.

A token says who signed in where; what that person may do is read from the database on every request, so a
revoked grant bites at once. Signed with HS256 by python-jose under a key id, so a secret can be rotated:
the previous one still verifies until its tokens have run out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from jose import JWTError, jwt

from app.errors import Unauthenticated
from app.settings import Settings

ALGORITHM = "HS256"
ISSUER = "sidan"


@dataclass(frozen=True, slots=True)
class Claims:
    """Who signed in, and by which sign-in. `expires_at` is a UNIX time in seconds."""

    person_id: UUID
    sign_in_id: UUID
    expires_at: int


class Tokens:
    """Issues and reads access tokens with the secrets of one Settings."""

    def __init__(self, settings: Settings) -> None:
        current = settings.secret.get_secret_value()
        previous = settings.previous_secret.get_secret_value() if settings.previous_secret else None
        self._secrets = {_key_id(secret): secret for secret in (previous, current) if secret}
        self._current = _key_id(current)
        self.lifetime = timedelta(minutes=settings.access_minutes)
        self._verify = lru_cache(maxsize=10_000)(self._verify_once)

    def issue(self, person_id: UUID, sign_in_id: UUID, at: datetime) -> str:
        expires_at = int((at + self.lifetime).timestamp())
        claims = {
            "iss": ISSUER,
            "sub": person_id.hex,
            "sid": sign_in_id.hex,
            "iat": int(at.timestamp()),
            "exp": expires_at,
        }
        secret = self._secrets[self._current]
        return str(jwt.encode(claims, secret, algorithm=ALGORITHM, headers={"kid": self._current}))

    def read(self, token: str, at: datetime) -> Claims:
        """The claims of a token valid at `at`. Raises Unauthenticated for any other string.

        A verified signature is remembered, its expiry is not: that is compared on every call.
        """
        claims = self._verify(token)
        if claims is None or claims.expires_at <= at.timestamp():
            raise Unauthenticated
        return claims

    def _verify_once(self, token: str) -> Claims | None:
        try:
            secret = self._secrets[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token,
                secret,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                options={"verify_exp": False, "require_exp": True, "require_sub": True, "require_iat": True},
            )
            return Claims(UUID(hex=claims["sub"]), UUID(hex=claims["sid"]), int(claims["exp"]))
        except (JWTError, KeyError, TypeError, ValueError, AttributeError):
            return None


def _key_id(secret: str) -> str:
    """A name for a secret that tells nothing about it."""
    return sha256(b"sidan key id " + secret.encode()).hexdigest()[:12]
