"""The service with parts of what trust costs taken out, to measure them. Never to be run anywhere else.

BENCH_WITHOUT names the parts: `sealing` (values are kept as they are), `scope` (everybody's rows are visible),
`guard` (an order is placed without looking at sign-in, consent and number), and SIDAN_RATES=off does the fourth.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI
from sqlalchemy import ColumnElement, Integer, bindparam, exists, true
from sqlmodel import Uuid, col

from app import main
from app.models.organisation import Organisation
from app.sealing import Keyring
from app.services import placing, scope
from app.services.access import Actor

PLAIN = b"\x00"
"""Stands before what is not sealed; the width of a hash is kept, so that the indexes are as large."""


def create_app() -> FastAPI:
    without = os.environ["BENCH_WITHOUT"].split()
    if "sealing" in without:
        _unseal()
    if "scope" in without:
        scope._RULES.update(dict.fromkeys(scope._RULES, _everything))
    if "guard" in without:
        placing._GUARDS.update(dict.fromkeys(placing._GUARDS, _unchanged()))
    return main.create_app()


@contextmanager
def unsealed() -> Iterator[None]:
    """While the block runs this process writes rows that no cipher has seen."""
    kept = {name: getattr(Keyring, name) for name in ("seal", "open", "hashed")}
    _unseal()
    try:
        yield
    finally:
        for name, method in kept.items():
            setattr(Keyring, name, method)


def _unseal() -> None:
    Keyring.seal = _plain  # type: ignore[method-assign]
    Keyring.open = _read  # type: ignore[method-assign]
    Keyring.hashed = _padded  # type: ignore[method-assign]


def _plain(_: Keyring, data: bytes, __: bytes) -> bytes:
    return PLAIN + data if data else b""


def _read(_: Keyring, kept: bytes, __: bytes) -> bytes:
    return kept[1:]


def _padded(_: Keyring, text: str, __: str) -> str:
    return text.encode().hex()[:64].ljust(64, "0")


def _everything(_: Actor) -> ColumnElement[bool]:
    return true()


def _unchanged() -> ColumnElement[bool]:
    """What has nothing to do with trust and stays: the order was computed from the center as it is."""
    return exists().where(
        col(Organisation.id) == bindparam("center_id", type_=Uuid()),
        col(Organisation.revision) == bindparam("revision", type_=Integer()),
    )
