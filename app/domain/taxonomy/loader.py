"""Reads the data files once and hands them out by code, in the order of the file, not to be changed."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeVar

from app.domain.taxonomy.entries import (
    Category,
    Festival,
    Language,
    MenuTemplate,
    Platform,
    Programme,
    Specialty,
)

_Entry = TypeVar("_Entry")


def _load(name: str, build: Callable[..., _Entry]) -> Mapping[str, _Entry]:
    """Entries of the file `name` by code; a key missing, unknown or a code given twice raises."""
    rows: list[dict[str, Any]] = json.loads((files(__package__) / name).read_text("utf-8"))
    entries: dict[str, _Entry] = {}
    for row in rows:
        entry = build(**{key: tuple(v) if isinstance(v, list) else v for key, v in row.items()})
        if entries.setdefault(row["code"], entry) is not entry:
            raise ValueError(f"{name}: the code {row['code']!r} is given twice")
    return MappingProxyType(entries)


@cache
def specialties() -> Mapping[str, Specialty]:
    return _load("specialties.json", Specialty)


@cache
def categories() -> Mapping[str, Category]:
    return _load("categories.json", Category)


@cache
def programmes() -> Mapping[str, Programme]:
    return _load("programmes.json", Programme)


@cache
def platforms() -> Mapping[str, Platform]:
    return _load("platforms.json", Platform)


@cache
def festivals() -> Mapping[str, Festival]:
    return _load("festivals.json", Festival)


@cache
def languages() -> Mapping[str, Language]:
    return _load("languages.json", Language)


@cache
def menu_templates() -> Mapping[str, MenuTemplate]:
    return _load("menu.json", MenuTemplate)
