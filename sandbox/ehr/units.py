"""UCUM unit codes: which texts are one.

Belongs here: the grammar and the atoms that home devices need. Not here: which unit an observation
must have (`profiles.py`). An atom that is missing here is refused: add it.
"""

from __future__ import annotations

import re

SYSTEM = "http://unitsofmeasure.org"


def _words(text: str) -> list[str]:
    return text.split()


_PREFIXES = _words("Y Z E P T G M k h da d c m u n p f a z y")
# Only metric atoms take a prefix.
_METRIC = _words(
    "m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv l L cal eq osm "
    "kat U [iU] [IU] bar m[Hg] m[H2O] t eV B bit By"
)
_OTHER = _words(
    "% min h d wk mo mo_j a a_j deg [degF] [in_i] [ft_i] [yd_i] [mi_i] [lb_av] [oz_av] [stone_av] "
    "[pH] [ppm] [arb'U] [Cal]"
)
_ATOMS = frozenset([*_METRIC, *_OTHER, *(f"{one}{atom}" for one in _PREFIXES for atom in _METRIC)])
_ANNOTATION = re.compile(r"\{[\x21-\x7a|~]*\}")
_POWER_OF_TEN = re.compile(r"10[*^][+-]?\d+")
# A term in brackets stands where an atom may: mL/(24.h).
_BRACKETS = re.compile(r"(?:(?<=[./(])|\A)\(([^()]+)\)")
_EXPONENT = re.compile(r"(?<![+-])[+-]?\d+\Z")


def is_ucum(code: str) -> bool:
    """Tell whether the text is a UCUM code made of known atoms."""
    # An annotation stands for the unity, behind an atom or alone: {score}, {beats}/min.
    plain = _ANNOTATION.sub("\0", code)
    while (brackets := _BRACKETS.search(plain)) is not None:
        if not _is_term(brackets[1]):
            return False
        plain = f"{plain[: brackets.start()]}1{plain[brackets.end() :]}"
    return _is_term(plain)


def _is_term(plain: str) -> bool:
    pieces = re.split(r"[./]", plain.removeprefix("/"))
    return plain != "/" and all(_is_component(piece) for piece in pieces)


def _is_component(piece: str) -> bool:
    annotated = piece.endswith("\0")
    piece = piece.removesuffix("\0")
    if not piece:
        return annotated
    if piece.isdigit() or _POWER_OF_TEN.fullmatch(piece):
        return True
    return piece in _ATOMS or _EXPONENT.sub("", piece) in _ATOMS
