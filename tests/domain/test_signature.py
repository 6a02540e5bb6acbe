"""The signature is the one that the documents show."""

from datetime import UTC, datetime
from pathlib import Path

from app.domain.signature import signature

DOCUMENT = Path(__file__).parents[2] / "docs" / "notices.md"


def test_it_is_as_documented() -> None:
    signed = signature("whsec_demo", datetime.fromtimestamp(1795400000, UTC), b'{"position":1}')
    seconds, _, digest = signed.partition(",v1=")
    assert seconds == "t=1795400000"
    assert f"`v1={digest}`" in DOCUMENT.read_text("utf-8")
