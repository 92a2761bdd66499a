"""Names of months in the languages that apps write, long and short.

Belongs here: the names. Not here: how a date is written around them (`dates.py`).
"""

from __future__ import annotations

import unicodedata

# By month: English, German, French, Italian, Spanish, Portuguese, Dutch; without accents.
_NAMES = (
    "january jan januar janner janvier janv gennaio gen enero ene janeiro januari",
    "february feb februar feber fevrier fevr fev febbraio febrero fevereiro februari",
    "march mar marz mrz mars marzo marco maart mrt",
    "april apr avril avr aprile abril abr",
    "may mai maggio mag mayo maio mei",
    "june jun juni juin giugno giu junio junho",
    "july jul juli juillet juil luglio lug julio julho",
    "august aug aout aou agosto ago augustus",
    "september sep sept septembre settembre set septiembre setiembre setembro",
    "october oct oktober okt octobre ottobre ott octubre outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre dicembre dic diciembre dezembro",
)
_MONTHS = {name: n for n, names in enumerate(_NAMES, start=1) for name in names.split()}


def month_of(word: str) -> int | None:
    """Give the number of a month's name, whatever its case and accents; None for another word."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return _MONTHS.get("".join(one for one in plain if not unicodedata.combining(one)))
