"""No pattern of the house takes a time that grows faster than what it reads (ReDoS)."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import app
from app.openapi import Document
from tests.contract import document

SIZE = 1_500
NOTABLE = 0.004
"""Seconds that only what grows too fast takes for so short a text."""
MOST = 2.8
"""Times: what is linear takes twice as long for twice the text, what is square four times."""
ATOMS = ("a", "0", "1a", " ", "-", ".", "+86", "0731-", "=A;", "测", '"a",')
SEARCHING = ("search", "sub", "split", "findall", "finditer")


@dataclass(frozen=True)
class Used:
    """A pattern, and whether it is looked for everywhere in a text or from its beginning only."""

    pattern: re.Pattern[str]
    everywhere: bool


def patterns() -> dict[str, Used]:
    """Every compiled pattern that a module of the house holds, and every one that the contract tells."""
    found: dict[str, Used] = {}
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if module.name.startswith(("app.lab", "app.demo")) or module.name.endswith(("__main__", "simulate")):
            continue
        held = importlib.import_module(module.name)
        source = Path(held.__file__ or "").read_text("utf-8")
        for name, value in vars(held).items():
            if isinstance(value, re.Pattern):
                text = value.pattern if isinstance(value.pattern, str) else value.pattern.decode("latin-1")
                everywhere = any(f"{name}.{verb}(" in source for verb in SEARCHING)
                flags = value.flags & (re.IGNORECASE | re.DOTALL | re.MULTILINE | re.VERBOSE)
                found[f"{module.name}.{name}"] = Used(re.compile(text, flags), everywhere)
    return found | {f"contract {text}": Used(re.compile(text), False) for text in told(document())}


def told(node: Document | list[Document] | object) -> Iterator[str]:
    if isinstance(node, dict):
        pattern = node.get("pattern")
        if isinstance(pattern, str):
            yield pattern
        for inner in node.values():
            yield from told(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from told(inner)


def seconds(used: Used, text: str) -> float:
    begun = time.process_time()
    used.pattern.fullmatch(text)
    used.pattern.match(text)
    if used.everywhere:
        used.pattern.search(text)
    return time.process_time() - begun


def growth(used: Used, atom: str) -> float:
    """How many times longer twice the text takes; 0 for what takes no time worth the name."""
    once, twice = (atom * (size // len(atom)) + "\x00" for size in (SIZE, 2 * SIZE))
    if seconds(used, twice) < NOTABLE:
        return 0
    return min(seconds(used, twice) for _ in range(5)) / min(seconds(used, once) for _ in range(5))


def test_no_pattern_grows_faster_than_its_text() -> None:
    known = patterns()
    assert len(known) > 30
    assert any(used.everywhere for used in known.values())
    slow = {
        (name, atom): times
        for name, used in known.items()
        for atom in ATOMS
        if (times := growth(used, atom)) > MOST
    }
    assert not slow


def test_one_that_does_is_found() -> None:
    assert growth(Used(re.compile(r"\s+$"), True), " ") > MOST
    assert growth(Used(re.compile(r"[a0 ]*"), True), "a") <= MOST
