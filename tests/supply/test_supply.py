"""What comes from others is asked about: an answer is believed, silence is said, and a find stops the work."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from supply import audit, bom, leaks, licences
from supply.pins import ROOT, pinned
from tests.test_packaging import foreign_in, pins_in

BAD, GOOD = "pillow", "idna"
ADVISORY = {
    "id": "GHSA-0000-0000-0000",
    "summary": "made up",
    "details": "made up",
    "affected": [
        {
            "package": {"name": BAD, "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
            "versions": ["1.0"],
        }
    ],
}
REQUIREMENTS = "".join(f"{name}==1.0 \\\n    --hash=sha256:{'0' * 64}\n" for name in (BAD, GOOD))


class Advisories(BaseHTTPRequestHandler):
    """OSV as a package of this name and version would find it."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = {"vulns": [ADVISORY]} if asked["package"]["name"] == BAD else {}
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


Audit = Callable[[str, str], int]


@pytest.fixture
def audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Audit:
    def run(requirements: str, service: str) -> int:
        file = tmp_path / "requirements.txt"
        file.write_text(requirements)
        monkeypatch.setattr("sys.argv", ["audit", "--requirements", str(file), "--service", service])
        return audit.main()

    return run


def test_a_known_vulnerability_stops_the_work(
    audited: Audit, service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audited(REQUIREMENTS, service) == 1
    assert "pillow 1.0: GHSA-0000-0000-0000, mended in 99.0" in capsys.readouterr().err
    assert audited(REQUIREMENTS.partition("idna")[1] + REQUIREMENTS.partition("idna")[2], service) == 0
    assert "no known vulnerability in 1" in capsys.readouterr().out


def test_silence_is_said_and_is_no_obstacle(audited: Audit, capsys: pytest.CaptureFixture[str]) -> None:
    assert audited(REQUIREMENTS, "http://127.0.0.1:1/v1/query") == 0
    assert capsys.readouterr().out.startswith("未检查 · not checked: known vulnerabilities")


def test_a_requirement_without_a_hash_is_not_taken_for_silence(
    audited: Audit, service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audited("pillow\n", service) == 2
    assert "the audit failed" in capsys.readouterr().err


def test_every_accepted_advisory_says_why() -> None:
    assert all(len(reason) > 40 for reason in audit.accepted().values())


def test_a_secret_would_be_found_and_what_is_known_is_not(tmp_path: Path) -> None:
    lines = {
        "key.pem": Ed25519PrivateKey.generate()
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode(),
        "cloud.py": 'access = "AKIA' + 'Q3EGRIUTMZ7TQHZA"\n',
        "plain.py": "order = 1\n",
    }
    for name, text in lines.items():
        (tmp_path / name).write_text(text)
    found = leaks.scanned(tmp_path, sorted(lines))
    assert set(leaks.unknown(found)) == {"key.pem", "cloud.py"}
    known = json.loads(leaks.KNOWN.read_text(encoding="utf-8"))
    assert all((ROOT / name).is_file() for name in known), "make lint says which are gone"
    assert not leaks.unknown(known)


def test_the_licences_are_those_of_what_runs() -> None:
    assert licences.PAGE.read_text(encoding="utf-8") == licences.page(), "make licences"


def test_the_bill_of_materials_names_every_pin_and_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    document = bom.made()
    pins = pins_in((ROOT / "requirements.txt").read_text())
    billed = {one["name"]: one for one in document["components"]}
    assert {name: one["version"] for name, one in billed.items()} == {
        name: str(version) for name, (version, _) in pins.items()
    }
    assert {name: len(one["hashes"]) for name, one in billed.items()} == {
        name: hashes for name, (_, hashes) in pins.items()
    }
    assert {one.name for one in pinned()} == {name for name, one in billed.items() if one.get("licenses")}
    assert not foreign_in(json.dumps(document))
