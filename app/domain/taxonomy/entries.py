"""What the taxonomy is made of: one immutable shape for each of its data files.

Codes are what rows and clients keep; the Chinese names are what people read, and may be reworded freely.
"""

from dataclasses import dataclass
from typing import Literal

Risk = Literal["none", "risky"]
Mode = Literal["on_site", "online"]


@dataclass(frozen=True, slots=True)
class Specialty:
    """What somebody can do; `parent` is the group it belongs to, None for the group itself.

    `needs_proof`: a document must be on file before such a service (志愿服务条例 Art. 16: a qualification
    that a law asks for, or training where the work needs special knowledge). Groups never need one.
    """

    code: str
    name: str
    parent: str | None
    needs_proof: bool


@dataclass(frozen=True, slots=True)
class Category:
    """What kind of order it is, and the platform that answers for it."""

    code: str
    name: str
    platform: str


@dataclass(frozen=True, slots=True)
class Programme:
    """One of the twelve themes of 文明实践365 (S2.6), its lead office and its yearly quota."""

    code: str
    name: str
    contents: tuple[str, ...]
    office: str
    times_per_year: int


@dataclass(frozen=True, slots=True)
class Platform:
    """One of the “8+N” platforms (S1.4). N, the open-ended support teams (S1.5), has no lead office."""

    code: str
    name: str
    offices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Festival:
    """我们的节日 (S2.8): a lunar month and day, or a solar term whose date only astronomy gives."""

    code: str
    name: str
    lunar_month: int | None
    lunar_day: int | None
    solar_term: str | None


@dataclass(frozen=True, slots=True)
class Language:
    """What a volunteer speaks or signs, and a beneficiary may wish for; 本地方言 is that of the place."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class MenuTemplate:
    """A default item of the menu (S2.19), which a center copies and then changes as it likes.

    `people` counts the volunteers needed. A team must hold every one of `required_specialties`.
    `programme` is None where no programme of S2.6 fits.
    """

    code: str
    title: str
    category: str
    programme: str | None
    platform: str
    description: str
    duration_minutes: int
    people: int
    required_specialties: tuple[str, ...]
    risk: Risk
    mode: Mode
