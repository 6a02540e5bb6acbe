"""The words of the field as data: what can be done, what can be ordered, under which theme and office."""

from app.domain.taxonomy.entries import (
    Category,
    Festival,
    Language,
    MenuTemplate,
    Mode,
    Platform,
    Programme,
    Risk,
    Specialty,
)
from app.domain.taxonomy.loader import (
    categories,
    festivals,
    languages,
    menu_templates,
    platforms,
    programmes,
    specialties,
)

__all__ = [
    "Category",
    "Festival",
    "Language",
    "MenuTemplate",
    "Mode",
    "Platform",
    "Programme",
    "Risk",
    "Specialty",
    "categories",
    "festivals",
    "languages",
    "menu_templates",
    "platforms",
    "programmes",
    "specialties",
]
