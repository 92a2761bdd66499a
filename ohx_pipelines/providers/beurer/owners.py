"""Lines that say whose an export is, by their labels: whatever the title above them is called.

Belongs here: the labels, by language, and reading one line. Not here: comparing several (`blocks.py`),
or where a block begins (`layout.py`). Of what a line says nothing is kept but in memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from ohx_pipelines.providers.beurer.words import folded
from ohx_pipelines.providers.files.tables import Row


class Label(StrEnum):
    """What of an owner a line tells."""

    BIRTH_DATE = "birth_date"
    NAME = "name"
    FIRST_NAME = "first_name"
    SURNAME = "surname"
    GENDER = "gender"
    HEIGHT = "height"


# English and German as exports have them; French, Italian, Spanish and Dutch as people say.
_LABELS: Mapping[Label, tuple[str, ...]] = {
    Label.BIRTH_DATE: (
        "date of birth",
        "birth date",
        "birthday",
        "geburtsdatum",
        "geburtstag",
        "date de naissance",
        "data di nascita",
        "fecha de nacimiento",
        "geboortedatum",
    ),
    Label.NAME: ("name", "user name", "benutzername", "nome utente"),
    Label.FIRST_NAME: (
        *("first name", "given name", "vorname", "prénom", "nome", "nombre", "voornaam"),
    ),
    Label.SURNAME: (
        *("surname", "last name", "family name", "nachname", "familienname"),
        *("nom", "nom de famille", "cognome", "apellido", "apellidos", "achternaam"),
    ),
    Label.GENDER: ("gender", "sex", "geschlecht", "sexe", "sesso", "sexo", "género", "geslacht"),
    Label.HEIGHT: (
        *("height", "größe", "körpergröße", "groesse", "taille"),
        *("altezza", "statura", "altura", "estatura", "lengte"),
    ),
}
_WORDS: Mapping[str, Label] = {
    folded(word): label for label, words in _LABELS.items() for word in words
}
_LONGEST_LABEL = 40
# `Nov 20, 1975` is two cells where commas separate them.
_MOST_CELLS = 3
# The Pro app puts spaces or a tab between label and value.
_BETWEEN = re.compile(r"\s*[\t:]\s*|\s{2,}")
_LOOSELY = tuple(folded(word) for word in _LABELS[Label.BIRTH_DATE])


def label_and_value(row: Row) -> tuple[str, str] | None:
    """Give a line's two parts, made comparable; None for a line of one part or of many."""
    cells = [cell for cell in row.cells if cell]
    if not row.cells[0] or len(cells) > _MOST_CELLS:
        return None
    if len(row.cells) > 1 and any(row.cells[1:]):
        return folded(cells[0]).rstrip(" :"), " ".join(cells[1:])
    found = _BETWEEN.search(cells[0])
    if found is None:
        return _loosely(folded(cells[0]))
    return folded(cells[0][: found.start()]), cells[0][found.end() :].strip()


def says_something(row: Row) -> bool:
    """Tell a line that may be of use from a sentence: it has a label and a value."""
    said = label_and_value(row)
    if said is None or any(row.cells[1:]):
        return any(row.cells[1:])
    # A remark may have a colon too.
    is_remark = ":" in row.cells[0] and "\t" not in row.cells[0]
    return not is_remark or any(letter.isdigit() for letter in said[1])


def _loosely(line: str) -> tuple[str, str] | None:
    """Tell a birth date from its label where one space alone is between them."""
    label = next((one for one in _LOOSELY if line.startswith(f"{one} ")), None)
    return (label, line[len(label) + 1 :]) if label else None


def owner_line(row: Row) -> tuple[Label, str] | None:
    """Give what a line says of an owner, and its value, empty where it has none; else None."""
    if not row.cells[0]:
        return None
    label, value = label_and_value(row) or (folded(row.cells[0]).rstrip(" :"), "")
    known = _WORDS.get(label) if len(label) <= _LONGEST_LABEL else None
    return (known, value) if known else None
