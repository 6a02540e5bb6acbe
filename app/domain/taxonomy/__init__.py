"""The words of the field as data: what can be done, what can be ordered, under which theme and office."""

from app.domain.taxonomy.entries import (
    Category,
    Festival,
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
    menu_templates,
    platforms,
    programmes,
    specialties,
)

__all__ = [
    "Category",
    "Festival",
    "MenuTemplate",
    "Mode",
    "Platform",
    "Programme",
    "Risk",
    "Specialty",
    "categories",
    "festivals",
    "menu_templates",
    "platforms",
    "programmes",
    "specialties",
]
