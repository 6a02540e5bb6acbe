"""Why a team is not offered an order, and what would have to change: one sentence for each failed condition."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.domain.matching.features import EXCLUSION_ZH, Exclusion, Need, Wish, Work, date_of
from app.domain.matching.freetime import on_duty
from app.domain.matching.index import DAY_0, LAST_DAY, RADIUS_STEP_M, TeamIndex
from app.domain.matching.screen import failing, skill_of
from app.domain.matching.sentences import LEVELS, far_zh, window_zh


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` says what is not fulfilled, `change` what would have to be otherwise."""

    reason: Exclusion
    text: str
    change: str


@dataclass(frozen=True, eq=False, slots=True)
class _Asked:
    index: TeamIndex
    need: Need
    row: int
    names: tuple[str, ...]
    languages: tuple[str, ...]


def explain(
    index: TeamIndex,
    need: Need,
    row: int,
    work: Work | None,
    names: tuple[str, ...],
    languages: tuple[str, ...],
) -> tuple[Finding, ...]:
    """Every condition that this team fails, in the order they are tried; none for one that may serve.

    `work` is this one team's; `names` are the specialties', `languages` those of the language bits.
    """
    asked = _Asked(index, need, row, names, languages)
    failed = failing(index, need, row, work)
    return tuple(Finding(reason, EXCLUSION_ZH[reason], _CHANGES[reason](asked)) for reason in failed)


def _missing(asked: _Asked) -> str:
    lacking = [asked.names[one] for one in asked.need.required if not skill_of(asked.index, asked.row, one)]
    return f"须登记专长：{'、'.join(lacking)}"


def _too_far(asked: _Asked) -> str:
    if asked.need.place is None:
        return ""
    far = int(asked.index.metres(np.array([asked.row], np.int32), asked.need.place)[0])
    radius = int(asked.index.radius[asked.row]) * RADIUS_STEP_M
    told = f"距离{far_zh(far)}，服务半径{far_zh(radius)}"
    if far_zh(far) == far_zh(radius):
        told = f"距离{far}米，服务半径{radius}米"
    return f"{told}：须扩大服务半径，或把本地列入服务区域"


def _level(asked: _Asked) -> str:
    low = []
    for one, level in zip(asked.need.required, asked.need.levels, strict=True):
        held = skill_of(asked.index, asked.row, one) & 3
        if 0 < held < level:
            low.append(f"{asked.names[one]}现为{LEVELS[held - 1]}级，须{LEVELS[level - 1]}级")
    return "；".join(low)


def _proof(asked: _Asked) -> str:
    day = date_of(asked.need.day)
    told = []
    for one, proof in zip(asked.need.required, asked.need.needs_proof, strict=True):
        until = skill_of(asked.index, asked.row, one) >> 2
        if proof and skill_of(asked.index, asked.row, one) and until < asked.need.day - DAY_0 + 1:
            had = f"于{date_of(min(until, LAST_DAY) + DAY_0 - 1)}到期" if until else "尚未登记"
            told.append(f"{asked.names[one]}证明{had}，须在{day}有效")
    return "；".join(told)


def _insured(asked: _Asked) -> str:
    until = int(asked.index.insured[asked.row])
    had = f"保险于{date_of(until + DAY_0 - 1)}到期" if until else "尚未投保"
    return f"{had}，须投保至{date_of(asked.need.day)}"


def _language(asked: _Asked) -> str:
    return f"须有会{asked.languages[asked.need.language]}的队员"


def _free_time(asked: _Asked) -> str:
    free = on_duty(asked.index, asked.need, np.array([asked.row], np.int32))[0]
    edges = np.flatnonzero(np.diff(free.astype(np.int8), prepend=0, append=0))
    longest = int((edges[1::2] - edges[::2]).max(initial=0))
    had, wanted = f"{longest / 2:g}小时", f"{asked.need.duration_slots / 2:g}小时"
    return f"{window_zh(asked.need)}最长连续空闲{had}，服务需要{wanted}：须调整空闲时间或期望时间"


def _capacity(asked: _Asked) -> str:
    most = int(asked.index.capacity[asked.row])
    return f"同一时段可承接{most}单，这段时间已排满：须另选时间，或提高可承接数"


_CHANGES: Final[Mapping[Exclusion, Callable[[_Asked], str]]] = {
    Exclusion.MISSING_SPECIALTY: _missing,
    Exclusion.TOO_FAR: _too_far,
    Exclusion.LEVEL_TOO_LOW: _level,
    Exclusion.PROOF_MISSING: _proof,
    Exclusion.OUT_OF_SCOPE: lambda _: "须由该队所属组织开放共享，或吹哨由上级调度",
    Exclusion.INACTIVE: lambda _: "须由管理员重新启用该队",
    Exclusion.DECLINED_BEFORE: lambda _: "已婉拒的订单不再询问同一队伍",
    Exclusion.BLOCKED: lambda _: "须由调度员解除对该服务对象的限制",
    Exclusion.MINORS_AT_RISK: lambda _: "须全员成年，并登记为“仅成年人”",
    Exclusion.NOT_INSURED: _insured,
    Exclusion.NEEDS_TWO: lambda _: "队伍须至少有两名队员",
    Exclusion.GENDER: lambda asked: f"须有{'女' if asked.need.gender is Wish.FEMALE else '男'}性队员",
    Exclusion.LANGUAGE: _language,
    Exclusion.NO_FREE_TIME: _free_time,
    Exclusion.NO_CAPACITY: _capacity,
}
