"""Problems and plans as bytes, for the way to another process and back: npz, in which nothing can be run."""

from collections.abc import Mapping
from dataclasses import fields
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np

from app.domain.planning.problem import Problem
from app.domain.planning.result import Plan

SECONDS: Final = "seconds"
_KINDS: Final = {"objective": int, "bound": int, "proven": bool, "partial": bool}


def pack_problem(problem: Problem, seconds: float) -> bytes:
    return _packed(
        {SECONDS: seconds} | {field.name: getattr(problem, field.name) for field in fields(problem)}
    )


def unpack_problem(data: bytes) -> tuple[Problem, float]:
    """The problem and how many seconds to spend. Raises ValueError."""
    found = _unpacked(data, {SECONDS, *(field.name for field in fields(Problem))})
    seconds = float(found.pop(SECONDS))
    return Problem(**found), seconds


def pack_plan(plan: Plan) -> bytes:
    return _packed({field.name: getattr(plan, field.name) for field in fields(plan)})


def unpack_plan(data: bytes) -> Plan:
    """Raises ValueError."""
    found = _unpacked(data, {field.name for field in fields(Plan)})
    return Plan(**found | {name: kind(found[name]) for name, kind in _KINDS.items()})


def _packed(arrays: Mapping[str, Any]) -> bytes:
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _unpacked(data: bytes, names: set[str]) -> dict[str, Any]:
    try:
        with np.load(BytesIO(data), allow_pickle=False) as found:
            return {name: found[name] for name in sorted(names)}
    except (BadZipFile, EOFError, KeyError, OSError) as error:
        raise ValueError(f"not a problem or plan: {error}") from error
