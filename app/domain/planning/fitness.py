"""Whether numbers make a problem: what is not fit is refused by name, before any solver sees it."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

PROBLEMS_ZH: Final = {
    "plan_malformed": "排班数据不正确",
    "plan_too_large": "一次排班的订单或可选队伍太多，请按站所或时间分批",
}


class UnfitProblem(ValueError):
    """A problem that is none, or too large for one plan; `code` is a key of PROBLEMS_ZH."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{PROBLEMS_ZH[code]}: {detail}")
        self.code = code


def as_array(kind: type[Any], values: Any, name: str) -> NDArray[Any]:
    """The values in this type, if that loses nothing; else raises UnfitProblem."""
    try:
        given = np.asarray(values)
        with np.errstate(invalid="ignore"):
            made = given.astype(kind, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise UnfitProblem("plan_malformed", f"{name} is not an array of numbers") from error
    same = (
        given.dtype == kind
        or given.size == 0
        or bool(np.array_equal(made, given, equal_nan=kind is np.float64))
    )
    require(same, f"{name} holds values that are no {kind.__name__}")
    return made if made.flags.c_contiguous else np.ascontiguousarray(made)


def within(values: NDArray[Any], low: int, high: int, name: str) -> None:
    if values.size:
        inside = bool(values.min() >= low and values.max() <= high)
        require(inside, f"{name} must lie in {low}..{high}")


def require(fit: bool, otherwise: str) -> None:
    if not fit:
        raise UnfitProblem("plan_malformed", otherwise)
