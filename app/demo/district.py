"""青禾区, a fictional district: what a newcomer sees first, with nobody real in it.

Everything hangs on short codes: an organisation's code, a person's key (who signs in as `demo:<key>`), a
team's key, a menu item's code. Days are counted from the day on which the district is loaded, so that it
never grows old. Times of day are "HH:MM" local time, "24:00" being the end of the day.
"""

import json
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Literal

Story = Literal["normal", "declined_once", "pool", "cancelled", "rejected", "no_review", "low_rating"]


@dataclass(frozen=True, slots=True)
class Organisation:
    """A node of the tree of the seeds (S1.1, S2.1); a place is in degrees, GCJ-02."""

    code: str
    name: str
    level: Literal["center", "office", "station", "point", "base"]
    parent: str | None
    lat: float
    lon: float
    address: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A role over an organisation (its code) or, for a leader, over a team (its key): one of the two."""

    role: str
    organisation: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """`name` is a surname with a title, never a full name; staff have a `username` besides.

    `gender` and `languages` are known of those who volunteer.
    """

    key: str
    name: str
    phone: str
    birth_date: date
    username: str | None
    gender: Literal["female", "male"] | None
    languages: tuple[str, ...]
    roles: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Place:
    lat: float
    lon: float
    address: str


@dataclass(frozen=True, slots=True)
class TeamSpecialty:
    """`level` 1–3; a specialty that needs proof has its number and the days it is still valid when loaded."""

    code: str
    level: int
    proof_no: str | None
    proof_days: int | None


@dataclass(frozen=True, slots=True)
class Hours:
    """Free every week on `weekday` (1 Monday … 7 Sunday) from `start` to `end`, on half hours."""

    weekday: int
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Team:
    """`capacity` is orders at once; `availability_note` says what a week cannot (festivals, weather).

    `areas` are the codes of organisations that the team serves wholly, besides its radius.
    """

    key: str
    name: str
    kind: str
    kind_name: str
    organisation: str
    base: Place
    radius_km: float
    areas: tuple[str, ...]
    travel: Literal["walk", "ebike", "car"]
    lends: bool
    capacity: int
    adults_only: bool
    insured_until: date | None
    availability_note: str
    specialties: tuple[TeamSpecialty, ...]
    weekly: tuple[Hours, ...]
    leader: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Window:
    """On the first day at least `days_from_now_min` days ahead that is `weekday` (None: any day)."""

    days_from_now_min: int
    weekday: int | None
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Consent:
    kind: Literal["verbal", "written", "recorded"]
    note: str


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """For whom somebody else orders (代点单), and how that person agreed (PIPL Art. 13, 31)."""

    name: str
    phone: str | None
    kind: str
    relation: Literal["family", "neighbour", "staff"]
    consent: Consent


@dataclass(frozen=True, slots=True)
class Wish:
    """Of whoever comes; with `must` nobody else may."""

    gender: Literal["female", "male"] | None
    language: str | None
    must: bool


@dataclass(frozen=True, slots=True)
class Review:
    """Four ratings of 1–5 and a sentence."""

    timeliness: int
    attitude: int
    quality: int
    resolution: int
    comment: str


@dataclass(frozen=True, slots=True)
class Order:
    """One sample order and the story that a demonstration acts out with it.

    `by` is a person's key, `organisation` a station, `menu` a template of the taxonomy; `people` counts the
    volunteers wanted. An online order has no place: `lat` and `lon` are None and `address` is empty. `reason`
    is what is said when the story declines, cancels or rejects. `review` is None where nobody will rate.
    `gap` says why no team of the district can serve it, None where one can.
    """

    number: int
    by: str
    organisation: str
    menu: str
    detail: str
    mode: Literal["on_site", "online"]
    address: str
    lat: float | None
    lon: float | None
    contact: Contact
    people: int
    urgency: Literal["normal", "urgent", "emergency"]
    window: Window
    beneficiary: Beneficiary | None
    circumstances: tuple[str, ...]
    wish: Wish | None
    story: Story
    reason: str | None
    review: Review | None
    gap: str | None


@dataclass(frozen=True, slots=True)
class District:
    organisations: tuple[Organisation, ...]
    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    orders: tuple[Order, ...]


def load() -> District:
    """The district as the file has it, parents before children; TypeError on a missing or unknown field."""
    raw: dict[str, Any] = json.loads((files("app.demo") / "district.json").read_text("utf-8"))
    return District(
        organisations=tuple(Organisation(**row) for row in raw["organisations"]),
        people=tuple(_person(**row) for row in raw["people"]),
        teams=tuple(_team(**row) for row in raw["teams"]),
        orders=tuple(_order(**row) for row in raw["orders"]),
    )


def _person(birth_date: str, roles: list[Any], **row: Any) -> Person:
    row["languages"] = tuple(row["languages"])
    return Person(birth_date=date.fromisoformat(birth_date), roles=tuple(Grant(**r) for r in roles), **row)


def _team(insured_until: str | None, **row: Any) -> Team:
    row["base"] = Place(**row["base"])
    row["specialties"] = tuple(TeamSpecialty(**s) for s in row["specialties"])
    row["weekly"] = tuple(Hours(**h) for h in row["weekly"])
    row["members"], row["areas"] = tuple(row["members"]), tuple(row["areas"])
    return Team(insured_until=date.fromisoformat(insured_until) if insured_until else None, **row)


def _order(
    beneficiary: dict[str, Any] | None, wish: dict[str, Any] | None, review: dict[str, Any] | None, **row: Any
) -> Order:
    row["circumstances"] = tuple(row["circumstances"])
    row["contact"] = Contact(**row["contact"])
    row["window"] = Window(**row["window"])
    return Order(
        beneficiary=_beneficiary(**beneficiary) if beneficiary else None,
        wish=Wish(**wish) if wish else None,
        review=Review(**review) if review else None,
        **row,
    )


def _beneficiary(consent: dict[str, Any], **row: Any) -> Beneficiary:
    return Beneficiary(consent=Consent(**consent), **row)
