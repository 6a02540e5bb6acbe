"""The taxonomy is whole: codes sound, references resolved, figures those of the seeds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from app.domain import taxonomy
from app.domain.taxonomy import loader

CODE = re.compile(r"[a-z][a-z0-9_]*")
ALL: list[Callable[[], Mapping[str, Any]]] = [
    taxonomy.specialties,
    taxonomy.categories,
    taxonomy.programmes,
    taxonomy.platforms,
    taxonomy.festivals,
    taxonomy.menu_templates,
]
NEEDS_PROOF = {
    *("执业医师", "护士", "执业药师", "救护师", "心理咨询", "康复治疗师", "律师", "公证"),
    *("教师资格", "儿童保护培训", "电工证", "水域救援"),
}


@pytest.mark.parametrize("load", ALL)
def test_codes_are_sound_and_short_enough_to_store(load: Callable[[], Mapping[str, Any]]) -> None:
    assert load()
    for code, entry in load().items():
        assert entry.code == code
        assert CODE.fullmatch(code)
        assert len(code) <= 40


@pytest.mark.parametrize("load", ALL)
def test_names_are_chinese_and_unique(load: Callable[[], Mapping[str, Any]]) -> None:
    names = [getattr(entry, "name", None) or entry.title for entry in load().values()]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.search("[一-鿿]", name)
        assert len(name) <= 60


@pytest.mark.parametrize("load", ALL)
def test_nobody_changes_the_words_of_all(load: Callable[[], Mapping[str, Any]]) -> None:
    assert load() is load()
    with pytest.raises(TypeError):
        load()["new"] = None  # type: ignore[index]
    entry = next(iter(load().values()))
    with pytest.raises(FrozenInstanceError):
        entry.code = "other"


def test_specialties_are_a_tree_of_two_levels() -> None:
    specialties = taxonomy.specialties()
    groups = {code for code, s in specialties.items() if s.parent is None}
    leaves = [s for s in specialties.values() if s.parent is not None]
    assert {s.parent for s in leaves} == groups
    assert not any(specialties[code].needs_proof for code in groups)


def test_what_the_law_wants_proven_is_proven() -> None:
    assert {s.name for s in taxonomy.specialties().values() if s.needs_proof} == NEEDS_PROOF


def test_eight_platforms_and_n() -> None:
    led = [p for p in taxonomy.platforms().values() if p.offices]
    assert len(led) == 8
    assert [p.code for p in taxonomy.platforms().values() if not p.offices] == ["special_support"]
    assert taxonomy.platforms()["theory"].offices == ("基层党建办",)
    assert taxonomy.platforms()["care"].offices == ("社会事务办", "农服中心")


def test_twelve_programmes_of_twelve() -> None:
    programmes = taxonomy.programmes().values()
    assert len(programmes) == 12
    assert sum(p.times_per_year for p in programmes) == 144
    assert len({p.office for p in programmes}) == 12
    assert all(len(p.contents) >= 3 for p in programmes)
    assert taxonomy.programmes()["red_cross"].office == "区红十字会"


def test_festivals_of_the_year() -> None:
    festivals = taxonomy.festivals().values()
    assert [f.name for f in festivals] == ["春节", "元宵", "清明", "端午", "七夕", "中秋", "重阳"]
    lunar = [(f.lunar_month, f.lunar_day) for f in festivals]
    assert lunar == [(1, 1), (1, 15), (None, None), (5, 5), (7, 7), (8, 15), (9, 9)]
    assert [f.code for f in festivals if f.solar_term] == ["qingming"]


def test_categories_are_those_of_the_field() -> None:
    assert [c.name for c in taxonomy.categories().values()] == [
        *("扶弱帮困", "健康促进", "法律", "理论宣讲", "教育", "科技科普", "文化体育"),
        *("卫生环保", "城管文明", "移风易俗", "服务新市民", "应急", "其他"),
    ]
    assert {c.platform for c in taxonomy.categories().values()} == set(taxonomy.platforms())


def test_menu_refers_only_to_what_exists() -> None:
    specialties = taxonomy.specialties()
    for item in taxonomy.menu_templates().values():
        assert item.platform == taxonomy.categories()[item.category].platform
        assert item.programme is None or item.programme in taxonomy.programmes()
        assert len(set(item.required_specialties)) == len(item.required_specialties)
        for code in item.required_specialties:
            assert specialties[code].parent is not None, f"{item.code} asks for the group {code}"


def test_menu_covers_every_category_programme_and_platform() -> None:
    items = taxonomy.menu_templates().values()
    assert len(items) >= 40
    assert {item.category for item in items} == set(taxonomy.categories())
    assert {item.programme for item in items} - {None} == set(taxonomy.programmes())
    assert {item.platform for item in items} == set(taxonomy.platforms())


def test_menu_items_can_be_stored_and_served() -> None:
    for item in taxonomy.menu_templates().values():
        assert 15 <= item.duration_minutes <= 720
        assert item.duration_minutes % 30 == 0
        assert 1 <= item.people <= 200
        assert item.risk in {"none", "risky"}
        assert item.mode in {"on_site", "online"}
        assert item.description.endswith("。")
        assert len(item.description) <= 500
    risky = {i.code for i in taxonomy.menu_templates().values() if i.risk == "risky"}
    assert risky == {"river_cleanup", "storm_desilting", "flood_patrol"}


FESTIVAL = '{"code": "a", "name": "甲", "lunar_month": 1, "lunar_day": 1, "solar_term": null'


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('[{"code": "a", "name": "甲"}]', TypeError),
        (f'[{FESTIVAL}, "moon": 1}}]', TypeError),
        (f"[{FESTIVAL}}}, {FESTIVAL}}}]", ValueError),
    ],
    ids=["missing", "unknown", "twice"],
)
def test_a_damaged_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, error: type[Exception]
) -> None:
    (tmp_path / "festivals.json").write_text(text, "utf-8")
    monkeypatch.setattr(loader, "files", lambda package: tmp_path)
    with pytest.raises(error):
        loader.festivals.__wrapped__()
