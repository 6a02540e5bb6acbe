"""What docs/privacy.md promises of each column is done: before its term nothing goes, after it nothing is left."""

from datetime import timedelta

from app.domain.trust import RetentionPolicy
from app.house import House
from app.jobs import chain_audit, forget, forget_audit, retain
from app.models.personal import Category, Kept
from app.sealing import Hashed, Sealed
from app.services.privacy_notice import kept
from app.services.terms import YEAR
from tests.factories import NOW
from tests.marks import TABLES, Marks, kept_until, personal, plant_ended

DAY = timedelta(days=1)
THEN = NOW - 11 * YEAR
"""So long ago that all terms have run out by now: the trail lets nothing go that is younger in truth."""
TERMS = {
    Kept.GUESS: (DAY, "1天"),
    Kept.ANSWER: (2 * DAY, "48小时"),
    Kept.TOKEN: (30 * DAY, "30天"),
    Kept.CONTACT: (180 * DAY, "180天"),
    Kept.NOTICE: (365 * DAY, "365天"),
    Kept.SECURITY: (1095 * DAY, "1095天"),
    Kept.RECORD: (10 * YEAR, "10年"),
    Kept.NAMED: (10 * YEAR, "10年"),
    Kept.PROOF: (10 * YEAR, "10年"),
    Kept.WITHDRAWN: (10 * YEAR, "10年"),
}
FOR_GOOD = frozenset({Kept.SERVICE, Kept.INSTALLED})
"""What the law keeps, and what is nobody's."""
BY_CLOSING = frozenset({Kept.ACCOUNT})
"""Shown in tests/routers/test_account_kept.py."""
JOBS = (retain, forget, forget_audit)


async def test_every_column_goes_when_its_term_is_over_and_not_before(fresh_house: House) -> None:
    marks = Marks(fresh_house)
    await plant_ended(fresh_house, marks, THEN)
    key = marks.traces["media.storage_key"]
    await fresh_house.store.put(key, b"a picture")
    await chain_audit.run(fresh_house, NOW)
    until = kept_until()
    assert marks.traces.keys() == until.keys()
    assert await marks.left() == until.keys(), "all can be found while they are there"
    for term in sorted({term for term, _ in TERMS.values()}):
        near = min(2 * DAY, term / 10)
        for at, over in ((THEN + term - near, False), (THEN + term + near, True)):
            for job in JOBS:
                while await job.run(fresh_house, at):
                    pass
            running = {one for one, (days, _) in TERMS.items() if days > term or (days == term and not over)}
            there = {name for name, one in until.items() if one in FOR_GOOD | running}
            left = {name for name in await marks.left() if until[name] not in BY_CLOSING}
            assert left == there, f"{term} {'after' if over else 'before'} its end"
    assert not (fresh_house.settings.media_root / key).exists()


def test_what_is_kept_for_good_is_nobodys_words() -> None:
    for table in TABLES:
        for column in table.columns:
            told = personal(column)
            if told is not None and told.kept is Kept.SERVICE:
                assert told.category is Category.CONDUCT, column
                assert not isinstance(column.type, Sealed | Hashed), column


def test_the_page_says_these_terms() -> None:
    assert TERMS.keys() | FOR_GOOD | BY_CLOSING == set(Kept)
    for term, (_, words) in TERMS.items():
        assert words in kept(term, RetentionPolicy(), RetentionPolicy())
