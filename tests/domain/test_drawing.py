"""docs/lifecycle.md is made, not written."""

from pathlib import Path

from app.domain.drawing import drawing

PAGE = Path(__file__).parents[2] / "docs" / "lifecycle.md"


def test_the_page_shows_the_lifecycle_as_it_is() -> None:
    assert PAGE.read_text("utf-8") == drawing(), "run `sidan lifecycle`"
