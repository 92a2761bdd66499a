"""Beurer's titles: of the sections that hold readings, and of the blocks before them.

Belongs here: tables of titles and labels, and what they begin. Not here: headers' words (`words.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from ohx_pipelines.providers.beurer.words import Kind, folded


class Block(StrEnum):
    """A part of a file that holds no readings."""

    DOCUMENT = "document"
    USER = "user"
    PERIOD = "period"
    CATEGORIES = "categories"


BLOCK_TITLES: Mapping[str, Block] = {
    "data export details": Block.DOCUMENT,
    "user details": Block.USER,
    "user information": Block.USER,
    "benutzerdetails": Block.USER,
    "benutzerangaben": Block.USER,
    **dict.fromkeys(
        ("period", "zeitraum", "période", "periodo", "período", "periode"), Block.PERIOD
    ),
    **dict.fromkeys(
        (
            *("category", "categories", "selected categories"),
            *("kategorie", "kategorien", "ausgewählte kategorien"),
            *("catégorie", "catégories", "categoria", "categorie", "categoría", "categorías"),
            "categorieën",
        ),
        Block.CATEGORIES,
    ),
}

# Parts of titles, without case; a device's name stands for its section among classic categories.
KIND_TITLES: Mapping[Kind, tuple[str, ...]] = {
    Kind.PRESSURE: (
        "blutdruck",
        "blood pressure",
        "tension artérielle",
        "pression artérielle",
        "pressione arteriosa",
        "presión arterial",
        "tensión arterial",
        "bloeddruk",
    ),
    Kind.GLUCOSE: (
        "blutzucker",
        "glucose",
        "blood sugar",
        "glycémie",
        "glicemia",
        "glucemia",
        "bloedsuiker",
    ),
    Kind.TEMPERATURE: ("temperatur", "température", "thermomet"),
    Kind.OXYGEN: ("pulsoxy", "pulse ox", "pulsox", "oxym", "oxim"),
    Kind.WEIGHT: ("gewicht", "weight", "scale", "waage", "poids", "peso"),
}

# Whole titles: these begin a section even without a blank line before them.
TITLES = frozenset(
    {
        *(part for parts in KIND_TITLES.values() for part in parts),
        "temperature",
        "pulsoxymetrie",
        "pulse oximetry",
    }
)

LEGEND = re.compile(r"^(ø|(mad|map)\s*=)")


def kind_titled(text: str) -> Kind | None:
    """Give what a title, or a category's name, is about; None where nobody knows."""
    title = folded(text)
    return next(
        (kind for kind, parts in KIND_TITLES.items() if any(part in title for part in parts)), None
    )
