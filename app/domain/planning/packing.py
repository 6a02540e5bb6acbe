"""Problems and plans as bytes, for the way to another process and back: npz, in which nothing can be run."""

from dataclasses import fields
from io import BytesIO
from typing import Any, Final, TypeVar
from zipfile import BadZipFile, ZipFile

import numpy as np

from app.domain.planning.crew_problem import CrewPlan, CrewProblem
from app.domain.planning.problem import Problem
from app.domain.planning.result import Plan

Packed = TypeVar("Packed", Problem, Plan, CrewProblem, CrewPlan)

_KINDS: Final[dict[str, Any]] = {
    "objective": int,
    "bound": int,
    "proven": bool,
    "partial": bool,
}


def pack(packed: Problem | Plan | CrewProblem | CrewPlan) -> bytes:
    buffer = BytesIO()
    np.savez(
        buffer, allow_pickle=False, **{field.name: getattr(packed, field.name) for field in fields(packed)}
    )
    return buffer.getvalue()


def unpack(data: bytes, kind: type[Packed]) -> Packed:
    """What was packed. Raises ValueError (UnfitProblem for a problem that is none)."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            values = {field.name: _read(archive, field.name) for field in fields(kind)}
    except (BadZipFile, EOFError, KeyError, OSError) as error:
        raise ValueError(f"not a {kind.__name__}: {error}") from error
    return kind(**{name: _KINDS.get(name, lambda value: value)(value) for name, value in values.items()})


def _read(archive: ZipFile, name: str) -> Any:
    return np.lib.format.read_array(BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
