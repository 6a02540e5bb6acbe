"""Several policies on the same county: what the command prints, draws and writes."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from app.domain.matching.score import Weights
from app.lab.behaviour import Moods
from app.lab.county import County
from app.lab.habits import Habits
from app.lab.lineup import POLICIES, POLICY_ZH, SHORT_ZH
from app.lab.measures import Measures, measured
from app.lab.replay import replay

RANKING = frozenset({"rank", "plan"})
"""Policies to which weights matter."""


@dataclass(frozen=True, slots=True)
class Run:
    """`changed`: under the weights that are being tried, not under those in force."""

    policy: str
    changed: bool
    measures: Measures

    @property
    def name(self) -> str:
        return POLICY_ZH[self.policy] + ("（新权重）" if self.changed else "")

    @property
    def short(self) -> str:
        return SHORT_ZH[self.policy] + ("（新）" if self.changed else "")


@dataclass(frozen=True, eq=False)
class Trial:
    """`tried` are other weights to be compared with those in force, None for no such comparison."""

    county: County
    habits: Habits
    seed: int
    policies: tuple[str, ...]
    weights: Weights
    tried: Weights | None = None
    eager: Moods | None = None

    @property
    def plays(self) -> tuple[tuple[str, bool], ...]:
        """Which policies are replayed, and whether under the tried weights: those they matter to, twice."""
        twice = self.tried is not None
        return tuple(
            (one, new)
            for one in self.policies
            for new in ((False, True) if twice and one in RANKING else (False,))
        )

    def runs(
        self, tell: Callable[[str, bool, int], None] = lambda policy, changed, orders: None
    ) -> Iterable[Run]:
        """One after the other; `tell` hears how many more orders were placed."""
        for policy, new in self.plays:
            weights = self.tried if new and self.tried is not None else self.weights

            def placed(orders: int, policy: str = policy, new: bool = new) -> None:
                tell(policy, new, orders)

            outcome = replay(
                self.county, POLICIES[policy](), self.habits, self.seed, weights, self.eager, placed
            )
            yield Run(policy, new, measured(self.county, outcome))


def written(trial: Trial, runs: Iterable[Run]) -> dict[str, Any]:
    """Everything needed to repeat the trial, and what came out, as plain values."""
    return {
        "seed": trial.seed,
        "orders": trial.county.demand.size,
        "teams": trial.county.teams,
        "days": trial.county.days,
        "habits": asdict(trial.habits),
        "weights": asdict(trial.weights),
        "tried_weights": asdict(trial.tried) if trial.tried else None,
        "policies": [
            {"policy": run.policy, "tried_weights": run.changed, **asdict(run.measures)} for run in runs
        ],
    }
