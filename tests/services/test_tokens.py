"""An access token is believed only if this service signed it, and only while its time has not run out."""

import base64
import hmac
import json
from datetime import timedelta
from hashlib import sha256, sha384
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwt
from pydantic import SecretStr

from app.errors import Unauthenticated
from app.services.tokens import Tokens
from app.settings import Settings
from tests.factories import NOW

SECRET, OLDER = "the secret of now, 32 characters or more", "the secret of before, as long as the other"
PERSON, SIGN_IN = uuid4(), uuid4()


def tokens_with(secret: str, previous: str | None = None) -> Tokens:
    return Tokens(
        Settings(secret=SecretStr(secret), previous_secret=SecretStr(previous) if previous else None)
    )


TOKENS = tokens_with(SECRET)
GOOD = TOKENS.issue(PERSON, SIGN_IN, NOW)
HEADER: dict[str, Any] = jwt.get_unverified_header(GOOD)
CLAIMS: dict[str, Any] = jwt.get_unverified_claims(GOOD)
DIGESTS = {"HS256": sha256, "HS384": sha384}


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def forged(header: dict[str, Any], claims: dict[str, Any], key: bytes = SECRET.encode()) -> str:
    """A token with any header and claims, signed by `key` as its own header says."""
    signed = f"{encoded(header)}.{encoded(claims)}"
    digest = DIGESTS.get(header["alg"])
    signature = hmac.new(key, signed.encode(), digest).digest() if digest else b""
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def test_a_token_says_who_signed_in_where() -> None:
    claims = TOKENS.read(GOOD, NOW)
    assert (claims.person_id, claims.sign_in_id) == (PERSON, SIGN_IN)


def test_the_forger_of_these_tests_can_forge() -> None:
    """With the true secret and header a hand-made token is believed: each refusal below has one cause."""
    assert TOKENS.read(forged(HEADER, CLAIMS), NOW).person_id == PERSON


def public_key() -> tuple[str, bytes]:
    """An RSA pair: the private half signs, the public half is what an attacker hopes is used as a secret."""
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode(), public


def test_only_our_algorithm_counts() -> None:
    private, public = public_key()
    for token in (
        forged(HEADER | {"alg": "none"}, CLAIMS),
        forged(HEADER | {"alg": "None"}, CLAIMS),
        forged(HEADER | {"alg": "HS384"}, CLAIMS),
        jwt.encode(CLAIMS, private, algorithm="RS256", headers={"kid": HEADER["kid"]}),
        forged(HEADER | {"alg": "RS256"}, CLAIMS),
        forged(HEADER, CLAIMS, public),
    ):
        with pytest.raises(Unauthenticated):
            TOKENS.read(token, NOW)


@pytest.mark.parametrize(
    "header",
    [
        HEADER | {"kid": "another"},
        HEADER | {"kid": None},
        HEADER | {"kid": ["a"]},
        {"alg": "HS256", "typ": "JWT"},
        {"alg": "HS256", "kid": HEADER["kid"], "crit": ["exp"], "typ": 7},
    ],
)
def test_an_unknown_key_id_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        tokens_with(OLDER).read(forged(header, CLAIMS), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody else"},
        {"iss": None},
        {"sub": "nobody"},
        {"sub": None},
        {"sid": 7},
        {"exp": "soon"},
        {"exp": None},
        {"iat": None},
    ],
)
def test_claims_must_be_ours_and_whole(changes: dict[str, Any]) -> None:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    with pytest.raises(Unauthenticated):
        TOKENS.read(forged(HEADER, claims), NOW)


def test_one_changed_character_is_refused() -> None:
    head, body, signature = GOOD.split(".")
    raised = encoded(CLAIMS | {"sub": uuid4().hex})
    for token in (f"{head}.{raised}.{signature}", f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}."):
        with pytest.raises(Unauthenticated):
            TOKENS.read(token, NOW)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "密钥", "\x00", "e30.e30.e30", "x" * 9000])
def test_noise_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.read(token, NOW)


def test_the_last_second_counts_and_the_next_does_not() -> None:
    end = NOW + TOKENS.lifetime
    assert TOKENS.read(GOOD, end - timedelta(microseconds=1)).person_id == PERSON
    with pytest.raises(Unauthenticated):
        TOKENS.read(GOOD, end)


def test_a_clock_a_little_ahead_does_no_harm() -> None:
    ahead = TOKENS.issue(PERSON, SIGN_IN, NOW + timedelta(seconds=5))
    assert TOKENS.read(ahead, NOW).person_id == PERSON


def test_after_a_rotation_the_previous_secret_still_verifies_and_no_longer_signs() -> None:
    before = tokens_with(OLDER).issue(PERSON, SIGN_IN, NOW)
    during = tokens_with(SECRET, OLDER)
    assert during.read(before, NOW).person_id == PERSON
    assert jwt.get_unverified_header(during.issue(PERSON, SIGN_IN, NOW))["kid"] == HEADER["kid"]
    with pytest.raises(Unauthenticated):
        TOKENS.read(before, NOW)


def test_a_key_id_tells_nothing_of_its_secret() -> None:
    assert HEADER["kid"] != sha256(SECRET.encode()).hexdigest()[:12]
    assert SECRET not in GOOD
