"""Under which licences the service runs: docs/licences.md, made of what the packages say of themselves."""

import sys
from email.message import Message
from importlib.metadata import metadata
from typing import cast

from supply.pins import ROOT, pinned

PAGE = ROOT / "docs" / "licences.md"
LONGEST = 60
HEAD = """# Licences

What the runtime brings along (`requirements.txt`), and under which licence, as each package says of itself. Made by
`make licences`; `tests/supply/` compares. Nothing of it is changed or copied into this project.

| package | licence |
|---|---|
"""


def page() -> str:
    rows = sorted((one.name, licence(one.name)) for one in pinned())
    return HEAD + "".join(f"| {name} | {told} |\n" for name, told in rows)


def licence(name: str) -> str:
    """An SPDX expression where there is one, else the classifiers, else the first words of the text.

    Raises PackageNotFoundError where it is not installed.
    """
    of = cast(Message, metadata(name))  # which it is, though its protocol does not say so
    if expression := of.get("License-Expression"):
        return str(expression)
    classified = [
        one.rpartition(" :: ")[2] for one in of.get_all("Classifier", ()) if one.startswith("License :: ")
    ]
    named = [one for one in classified if one != "OSI Approved"]
    text = (of.get("License") or "").strip().partition("\n")[0][:LONGEST]
    return ", ".join(dict.fromkeys(named)) or text or "not said"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"✓ {PAGE.relative_to(ROOT)}\n")
