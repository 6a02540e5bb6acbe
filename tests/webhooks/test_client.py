"""A name is looked at once, and what was looked at is what is called: over real sockets, with real certificates."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.responses import RedirectResponse, Response, StreamingResponse

from app.webhooks import client
from app.webhooks.client import Answer, Hooks, NoLine
from tests.factories import NOW
from tests.serving import serving
from tests.webhooks.receiver import Receiver

NAME = "hooks.example"


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """What each name is next known as; a name that is asked too often is not known any more."""
    known: dict[str, list[list[str]]] = {}

    async def look(host: str, port: int, **_: Any) -> list[Any]:
        if not known.get(host):
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in known[host].pop(0)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look)
    return known


async def test_a_line_keeps_to_the_address_that_was_looked_at(names: dict[str, list[list[str]]]) -> None:
    receiver = Receiver()
    names[NAME] = [["127.0.0.1"]]
    async with serving(receiver.app) as url:
        port = url.rpartition(":")[2]
        async with Hooks(inside=True).line(f"http://{NAME}:{port}/hook") as line:
            for _ in range(2):
                assert await line.post(b"{}", {}) == Answer(True, "HTTP 204")
    assert [headers["host"] for headers, _ in receiver.calls] == [f"{NAME}:{port}"] * 2


@pytest.mark.parametrize("known_as", [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["169.254.169.254"], []])
async def test_what_is_inside_even_in_part_is_not_called(
    names: dict[str, list[list[str]]], known_as: list[str]
) -> None:
    receiver = Receiver()
    names[NAME] = [known_as]
    async with serving(receiver.app) as url:
        with pytest.raises(NoLine, match="not a public one"):
            async with Hooks().line(f"http://{NAME}:{url.rpartition(':')[2]}/hook"):
                pytest.fail("there is no line")
    assert receiver.calls == []


async def test_an_unknown_name_is_told(names: dict[str, list[list[str]]]) -> None:
    with pytest.raises(NoLine, match="not known"):
        async with Hooks().line(f"https://{NAME}/hook"):
            pytest.fail("there is no line")


def certificate(folder: Path, name: str) -> Path:
    """A key and a certificate for `name` that it signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=9000))
        .not_valid_after(NOW + timedelta(days=9000))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *private)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.mark.parametrize(("certified", "taken"), [(NAME, True), ("another.example", False)])
async def test_the_name_is_what_the_certificate_must_bear(
    names: dict[str, list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    certified: str,
    taken: bool,
) -> None:
    receiver = Receiver()
    names[NAME] = [["127.0.0.1"]]
    file = certificate(tmp_path, certified)
    monkeypatch.setattr(client, "_trust", lambda: ssl.create_default_context(cafile=str(file)))
    async with serving(receiver.app, ssl_certfile=str(file)) as url:
        port = url.rpartition(":")[2]
        async with Hooks(inside=True).line(f"https://{NAME}:{port}/hook") as line:
            answer = await line.post(b"{}", {})
    assert (answer.taken, len(receiver.heard)) == (taken, int(taken))


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 4096
        await asyncio.sleep(0)  # the server never pauses for a caller that has gone


async def test_whatever_it_answers_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "DEADLINE", 0.3)
    receiver = Receiver()
    async with serving(receiver.app) as url, Hooks(inside=True).line(f"{url}/hook") as line:
        for planned, answer in (
            (Response(status_code=500), Answer(False, "HTTP 500")),
            (RedirectResponse(f"{url}/inside"), Answer(False, "HTTP 307 (redirects are refused)")),
            (StreamingResponse(endless()), Answer(True, "HTTP 200")),
            (Response(b"not gzip", headers={"Content-Encoding": "gzip"}), Answer(True, "HTTP 200")),
        ):
            receiver.planned.append(planned)
            assert await line.post(b"{}", {}) == answer
        receiver.gate.clear()
        assert await line.post(b"{}", {}) == Answer(False, "TimeoutError")
        receiver.gate.set()
    assert receiver.hidden == 0
