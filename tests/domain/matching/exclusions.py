"""For every reason one team that fails exactly that condition, with words that its explanation has to say."""

from dataclasses import dataclass, field
from typing import Any

from app.domain.matching.features import LONGEST_WINDOW, NO_DAY, Exclusion, Need, Wish, Work
from tests.domain.matching.cases import LANGUAGES, OTHER, TODAY, Case, Team, case, need


@dataclass(frozen=True)
class Excluded:
    """`team` may be asked for `asked` but for one thing; `told` are the numbers and names in its explanation."""

    team: Team
    told: tuple[str, ...]
    asked: dict[str, Any] = field(default_factory=dict)
    declined: bool = False
    blocked: bool = False

    def planted(self) -> tuple[Case, Need, int]:
        """Beside a team that may serve: the case, the order, and the row of the excluded one."""
        slots = self.asked.get("slots", 6)
        able = Team(km=0.5, skills={0: (3, TODAY), 1: (3, TODAY)}, capacity=9, languages=255)
        one = case([able, self.team], slots)
        row = one.number.index(1)
        more = {"declined": frozenset({row})} if self.declined else {}
        more |= {"blocked": frozenset({row})} if self.blocked else {}
        return one, need(**self.asked | more), row

    @staticmethod
    def work_of(one: Case, row: int) -> Work:
        number = one.number[row]
        return Work(one.open_work[[number]], one.taken[[number]])


ALL = {
    Exclusion.MISSING_SPECIALTY: Excluded(Team(skills={1: (3, NO_DAY)}), ("保洁",)),
    Exclusion.TOO_FAR: Excluded(Team(km=9.5, radius_m=8_000), ("9.5公里", "8公里")),
    Exclusion.LEVEL_TOO_LOW: Excluded(
        Team(skills={0: (1, NO_DAY)}), ("保洁现为一级", "须三级"), {"levels": (3,)}
    ),
    Exclusion.PROOF_MISSING: Excluded(
        Team(skills={0: (2, TODAY - 1)}), ("于2026-11-27到期", "2026-11-28"), {"needs_proof": (True,)}
    ),
    Exclusion.OUT_OF_SCOPE: Excluded(Team(organisation=OTHER, lends=False), ("开放共享", "吹哨")),
    Exclusion.INACTIVE: Excluded(Team(active=False), ("启用",)),
    Exclusion.DECLINED_BEFORE: Excluded(Team(), ("婉拒",), declined=True),
    Exclusion.BLOCKED: Excluded(Team(), ("解除",), blocked=True),
    Exclusion.MINORS_AT_RISK: Excluded(Team(adults_only=False), ("成年",), {"risky": True}),
    Exclusion.NOT_INSURED: Excluded(
        Team(insured_until=TODAY - 1), ("2026-11-27到期", "投保至2026-11-28"), {"risky": True}
    ),
    Exclusion.NEEDS_TWO: Excluded(Team(two=False), ("两名队员",), {"two": True}),
    Exclusion.GENDER: Excluded(Team(women=False), ("女性队员",), {"gender": Wish.FEMALE, "wish_must": True}),
    Exclusion.LANGUAGE: Excluded(Team(languages=3), (LANGUAGES[2],), {"language": 2, "wish_must": True}),
    Exclusion.NO_FREE_TIME: Excluded(
        Team(exceptions=((TODAY, bytes([0, 0, 0b00000111, 0, 0, 0])),)),
        ("周六上午", "最长连续空闲1.5小时", "需要2小时"),
        {"duration_slots": 4},
    ),
    Exclusion.NO_CAPACITY: Excluded(Team(taken=2, capacity=2), ("可承接2单", "已排满")),
}

MORE = [
    (Exclusion.PROOF_MISSING, Excluded(Team(), ("尚未登记", "2026-11-28"), {"needs_proof": (True,)})),
    (
        Exclusion.NOT_INSURED,
        Excluded(Team(insured_until=NO_DAY), ("尚未投保", "2026-11-28"), {"risky": True}),
    ),
    (Exclusion.GENDER, Excluded(Team(men=False), ("男性队员",), {"gender": Wish.MALE, "wish_must": True})),
    (Exclusion.TOO_FAR, Excluded(Team(km=8.001, radius_m=7_990), ("距离8001米", "服务半径7990米"))),
    (
        Exclusion.NO_FREE_TIME,
        Excluded(Team(), ("最长连续空闲0小时", "需要0.5小时"), {"slots": 0, "duration_slots": 1}),
    ),
    (
        Exclusion.NO_FREE_TIME,
        Excluded(
            Team(week="0" * 84), ("期望时间内", "需要6小时"), {"slots": LONGEST_WINDOW, "duration_slots": 12}
        ),
    ),
]
"""The same reasons in other words."""
