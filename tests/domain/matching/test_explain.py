"""Every reason is answered: what is not fulfilled, and what would have to change, with its number."""

import pytest

from app.domain.matching.explain import explain
from app.domain.matching.features import EXCLUSION_ZH, Exclusion
from tests.domain.matching.cases import LANGUAGES, NAMES, TODAY, Team, case, need
from tests.domain.matching.exclusions import ALL, MORE, Excluded


@pytest.mark.parametrize("reason", Exclusion)
def test_every_reason_has_a_case(reason: Exclusion) -> None:
    """A new reason fails here until somebody has written how to explain it."""
    assert reason in ALL
    assert ALL[reason].told


@pytest.mark.parametrize(("reason", "excluded"), [*ALL.items(), *MORE])
def test_what_would_have_to_change(reason: Exclusion, excluded: Excluded) -> None:
    one, asked, row = excluded.planted()
    (finding,) = explain(one.index, asked, row, excluded.work_of(one, row), NAMES, LANGUAGES)
    assert (finding.reason, finding.text) == (reason, EXCLUSION_ZH[reason])
    for words in excluded.told:
        assert words in finding.change, finding.change


def test_several_specialties_are_named_each_with_what_it_lacks() -> None:
    team = Team(skills={0: (1, TODAY - 40), 1: (1, TODAY), 3: (3, TODAY)})
    one = case([team])
    asked = need(required=(0, 1, 2, 3), levels=(2, 3, 1, 1), needs_proof=(True, True, False, False))
    findings = {found.reason: found.change for found in explain(one.index, asked, 0, None, NAMES, LANGUAGES)}
    assert findings == {
        Exclusion.MISSING_SPECIALTY: "须登记专长：律师",
        Exclusion.LEVEL_TOO_LOW: "保洁现为一级，须二级；电工证现为一级，须三级",
        Exclusion.PROOF_MISSING: "保洁证明于2026-10-19到期，须在2026-11-28有效",
    }


def test_nothing_is_said_of_who_may_serve() -> None:
    one = case([Team()])
    assert explain(one.index, need(), 0, Excluded.work_of(one, 0), NAMES, LANGUAGES) == ()


def test_distance_and_radius_never_read_the_same() -> None:
    """Rounded to a tenth of a kilometre both would be 8: the metres are told then."""
    for km in (8.001, 8.01, 8.04, 8.06, 8.3):
        one = case([Team(km=km, radius_m=8_000)])
        (finding,) = explain(one.index, need(), 0, None, NAMES, LANGUAGES)
        distance, radius = finding.change.split("：")[0].split("，")
        assert distance.removeprefix("距离") != radius.removeprefix("服务半径")
