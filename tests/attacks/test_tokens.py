"""Attacks on access tokens, through HTTP: what this service did not write, letter by letter, is nobody's.

One person is really signed in, and the forger holds everything but the secret; where the secret itself is used, it
is to show that what is refused is refused for its form, and not because somebody could not sign it.
"""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256, sha384, sha512
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwt

from app import clock
from app.errors import Unauthenticated
from app.house import House
from app.models.base import new_id
from tests.accounts import reread
from tests.factories import NOW, District

DIGESTS = {"HS256": sha256, "HS384": sha384, "HS512": sha512}
MISSING: Any = object()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(content: Any) -> str:
    return b64(json.dumps(content).encode())


class Forger:
    """Somebody who has a good token in hand, and writes others after it."""

    def __init__(self, house: House, good: str) -> None:
        self.good = good
        self.head, self.body, self.signature = good.split(".")
        self.header: dict[str, Any] = jwt.get_unverified_header(good)
        self.claims: dict[str, Any] = jwt.get_unverified_claims(good)
        self.secret = house.settings.secret.get_secret_value().encode()

    def signed(self, header: Any, claims: Any, key: bytes | None = None) -> str:
        """With the true secret, unless another `key` is given, by the algorithm that the header names."""
        text = f"{part(header)}.{part(claims)}"
        named = header.get("alg") if isinstance(header, dict) else None
        digest = DIGESTS.get(named, sha256) if isinstance(named, str) else sha256
        return f"{text}.{b64(hmac.new(self.secret if key is None else key, text.encode(), digest).digest())}"

    def with_header(self, **changes: Any) -> str:
        return self.signed(_changed(self.header, changes), self.claims)

    def with_claims(self, **changes: Any) -> str:
        return self.signed(self.header, _changed(self.claims, changes))

    def forgeries(self) -> Iterator[tuple[str, str]]:
        yield from self._algorithms()
        yield from self._key_ids()
        yield from self._claims()
        yield from self._spellings()

    def _algorithms(self) -> Iterator[tuple[str, str]]:
        for name in ("none", "None", "NONE", "nOnE", "HS384", "HS512", "hs256", "", None, ["HS256"], 256):
            yield f"alg {name!r}, signed", self.with_header(alg=name)
            unsigned = f"{part(self.header | {'alg': name})}.{self.body}."
            yield f"alg {name!r}, unsigned", unsigned
            yield f"alg {name!r}, old signature", unsigned + self.signature
        yield "no alg", self.with_header(alg=MISSING)
        private = rsa.generate_private_key(65537, 2048)
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        yield (
            "RS256 by a key of their own",
            jwt.encode(self.claims, pem.decode(), "RS256", {"kid": self.header["kid"]}),
        )
        yield "RS256 named, secret used", self.with_header(alg="RS256")
        yield "a public key as the secret", self.signed(self.header, self.claims, public)
        yield "their jwk", self.with_header(jwk={"kty": "oct", "k": b64(b"k" * 32)})
        own = b"a secret of the forger's own, long enough"
        for hint in ("jku", "x5u", "jwk", "x5c"):
            told = self.header | {hint: "https://forger.example/keys.json"}
            yield f"{hint}, their secret", self.signed(told, self.claims, own)
            yield f"{hint}, our secret", self.signed(told, self.claims)
        yield "crit", self.with_header(crit=["exp"])
        yield "b64", self.with_header(b64=False, crit=["b64"])
        yield "typ", self.with_header(typ="JOSE")
        yield "cty", self.with_header(cty="JWT")
        yield "zip", self.with_header(zip="DEF")

    def _key_ids(self) -> Iterator[tuple[str, str]]:
        ours = self.header["kid"]
        kids = (
            *("../../../../dev/null", "/dev/null", "' OR '1'='1", "x' UNION SELECT 'key'--", "| id", "\x00"),
            *(
                "",
                None,
                MISSING,
                [ours],
                {"a": ours},
                0,
                True,
                ours.upper(),
                ours + "\x00",
                ours[:-1],
                f" {ours}",
            ),
            "k" * 20,
        )
        for kid in kids:
            changed = _changed(self.header, {"kid": kid})
            for key in (None, b"", b"null", str(kid).encode()):
                yield f"kid {kid!r}, key {key!r}", self.signed(changed, self.claims, key)
        yield "our kid, an empty key", self.signed(self.header, self.claims, b"")
        yield "our kid as the key", self.signed(self.header, self.claims, ours.encode())

    def _claims(self) -> Iterator[tuple[str, str]]:
        now = int(NOW.timestamp())
        changes: dict[str, list[Any]] = {
            "iss": ["somebody else", "", None, MISSING, ["sidan"], 7],
            "sub": ["nobody", "", None, MISSING, 7, [self.claims["sub"]], uuid4().hex, "\x00", {"a": 1}],
            "sid": ["nothing", None, MISSING, 7, uuid4().hex, self.claims["sub"]],
            "exp": [now, now - 1, 0, -1, None, MISSING, "soon", str(now + 60), now + 60.5, True, [now + 60]],
            "iat": [now + 61, now + 10**6, 10**18, None, MISSING, "now", [now], 1.5],
            "nbf": [now + 3600, now - 3600, "x"],
            "aud": ["sidan", ["sidan"]],
            "jti": ["x"],
            "role": ["org_admin"],
        }
        for name, values in changes.items():
            for value in values:
                yield f"{name} {value!r}", self.with_claims(**{name: value})
        wholes: tuple[Any, ...] = ([], [self.claims], "claims", 7, None, {}, [[[[]]]])
        for whole in wholes:
            yield f"claims {whole!r}", self.signed(self.header, whole)
            yield f"header {whole!r}", self.signed(whole, self.claims)
        yield "deep", self.signed(self.header, json.loads("[" * 500 + "]" * 500))
        for odd in (b'{"exp": Infinity}', b'{"exp": 1, "exp": 9999999999}', b"\xff", b"{"):
            yield f"{odd!r}", f"{self.head}.{b64(odd)}.{self.signature}"

    def _spellings(self) -> Iterator[tuple[str, str]]:
        good, head, body, signature = self.good, self.head, self.body, self.signature
        yield "stripped", f"{head}.{body}."
        yield "no last part", f"{head}.{body}"
        yield "four parts", f"{good}.{signature}"
        yield "five parts, as if encrypted", f"{good}.{body}.{signature}"
        yield "shortened", good[:-1]
        for tail in ("A", "=", "==", "A=", "!", ".", "-", "%00", "é", ";"):
            yield f"with {tail!r} behind", good + tail
        for at in range(0, len(signature), 3):
            yield f"bit {at}", f"{head}.{body}.{signature[:at]}{_flipped(signature[at])}{signature[at + 1 :]}"
        yield "spare bits", f"{head}.{body}.{signature[:-1]}{_flipped(signature[-1])}"
        yield "header written again", f"{b64(json.dumps(self.header, indent=1).encode())}.{body}.{signature}"
        yield "claims written again", f"{head}.{b64(json.dumps(self.claims, indent=1).encode())}.{signature}"
        yield "padded", f"{head}=.{body}=.{signature}="
        yield "plus and slash", good.replace("-", "+").replace("_", "/") + "+"
        yield "upper case", good.upper()
        yield "huge", f"{head}.{part({**self.claims, 'x': 'A' * 20_000})}.{signature}"
        yield "huge and signed", self.with_claims(x="A" * 20_000)
        yield "many dots", "." * 5_000
        yield "JSON, not compact", json.dumps({"payload": body, "signatures": []})


def _changed(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (before | changes).items() if value is not MISSING}


def _flipped(char: str) -> str:
    """The character whose six bits differ in the last one."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(char) ^ 1]


@pytest.fixture
def forger(house: House, district: District) -> Forger:
    return Forger(house, district.as_("admin")["Authorization"].removeprefix("Bearer "))


async def asked(client: httpx.AsyncClient, *authorization: bytes) -> httpx.Response:
    return await client.get("/me", headers=[(b"Authorization", one) for one in authorization])


def refused(answer: httpx.Response, why: str) -> None:
    assert answer.status_code == 401, f"{why}: {answer.text}"
    assert answer.json()["code"] == "unauthenticated", why
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_no_forgery_is_believed_and_none_revives(client: httpx.AsyncClient, forger: Forger) -> None:
    rewritten = forger.signed(forger.header, forger.claims)
    assert (await asked(client, b"Bearer " + rewritten.encode())).status_code == 200, "the forger can forge"
    forgeries = list(forger.forgeries())
    assert len(forgeries) > 200
    for turn in ("before", "after"):
        for why, token in forgeries:
            refused(await asked(client, b"Bearer " + token.encode()), f"{why}, {turn} the good one was read")
        assert (await asked(client, b"Bearer " + forger.good.encode())).status_code == 200


async def test_a_token_is_read_from_one_header_of_one_form(client: httpx.AsyncClient, forger: Forger) -> None:
    good = forger.good.encode()
    for spelling in (b"Bearer ", b"bearer ", b"BEARER ", b"Bearer  "):
        assert (await asked(client, spelling + good)).status_code == 200
    wrong = (
        *(good, b"Bearer", b"Bearer ", b"Bearer\t" + good, b"Bearer Bearer " + good),
        *(b"Bearer " + good + b" x", b"Bearer:" + good, b"Bearer=" + good, b"JWT " + good, b"Basic " + good),
        *(b"Bearer " + good + b"\x00", b"Bearer\x00 " + good, b"\xef\xbb\xbfBearer " + good),
        *("Ｂｅａｒｅｒ ".encode() + good, "Bearer\u00a0".encode() + good, "Bearer 令牌".encode()),
        *(b'Bearer "' + good + b'"', b"Bearer token=" + good, b"Bearer " + good + b"," + good, b"\xff\xfe"),
    )
    for one in wrong:
        refused(await asked(client, one), repr(one[:30]))
    for pair in (
        (b"Bearer " + good, b"Bearer x.y.z"),
        (b"Bearer x.y.z", b"Bearer " + good),
        (b"Bearer " + good,) * 2,
    ):
        refused(await asked(client, *pair), "two headers")


async def test_a_token_anywhere_else_is_not_looked_at(client: httpx.AsyncClient, forger: Forger) -> None:
    for name in ("access_token", "token", "authorization", "Authorization", "bearer", "jwt"):
        refused(await client.get("/me", params={name: forger.good}), f"query {name}")
        refused(await client.get("/me", headers={"Cookie": f"{name}={forger.good}"}), f"cookie {name}")
        refused(await client.get("/me", headers={f"X-{name}": forger.good}), f"header {name}")


async def test_time_is_looked_at_on_every_call(
    client: httpx.AsyncClient, house: House, forger: Forger
) -> None:
    bearer = b"Bearer " + forger.good.encode()
    for _ in range(2):
        assert (await asked(client, bearer)).status_code == 200
        with clock.at(NOW + house.tokens.lifetime):
            refused(await asked(client, bearer), "expired, though it is remembered")
        with clock.at(NOW - timedelta(minutes=5)):
            refused(await asked(client, bearer), "of the future, though it is remembered")


async def test_a_remembered_token_dies_with_its_sign_in_and_its_person(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    first, second = (district.as_(name)["Authorization"].encode() for name in ("neighbour", "resident"))
    for one in (first, second):
        assert (await asked(client, one)).status_code == 200
    assert (await client.post("/auth/logout", headers=district.as_("neighbour"))).status_code == 204
    assert (await client.delete("/me", headers=district.as_("resident"))).status_code == 204
    assert not (await reread(house, district["resident"])).active
    for one in (first, second):
        refused(await asked(client, one), "signed out, or closed")
    nobody = house.tokens.issue(uuid4(), uuid4(), NOW)
    swapped = house.tokens.issue(district["admin"].id, district.sign_ins[district["leader"].id].id, NOW)
    for token in (nobody, swapped):
        refused(await asked(client, b"Bearer " + token.encode()), "nobody's sign-in")


async def test_one_kind_of_token_is_not_the_other(client: httpx.AsyncClient) -> None:
    signed_in = (await client.post("/auth/wechat", json={"code": f"demo:{new_id().hex}"})).json()
    refused(await asked(client, b"Bearer " + signed_in["refresh_token"].encode()), "a refresh token")
    wrong = await client.post("/auth/refresh", json={"refresh_token": signed_in["access_token"]})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "refresh_invalid")


def test_a_thousand_forgeries_drive_no_good_token_out(house: House, forger: Forger) -> None:
    """What is refused is not remembered: neither as good, nor at the cost of what is."""
    assert house.tokens.read(forger.good, NOW)
    before = house.tokens.remembered
    for n in range(1000):
        with pytest.raises(Unauthenticated):
            house.tokens.read(f"{forger.good[:-9]}{n:08d}A", NOW)
    assert house.tokens.remembered == before
