"""The grammar of UCUM units: prefixes, atoms, exponents, annotations, products and quotients.

Belongs here: whether a unit can be read. Not here: which unit a profile wants (its value sets
say it).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from ohx_pipelines.fhir.checks.definitions import unit_atoms

UCUM = "http://unitsofmeasure.org"
_PREFIXES: tuple[str, ...] = ("Y", "Z", "E", "P", "T", "G", "M", "k", "h", "da", "d", "c", "m", "u")
_PREFIXES += ("n", "p", "f", "a", "z", "y", "Ki", "Mi", "Gi", "Ti")
# The atoms that take a prefix (UCUM, tables 2 to 24: "metric: yes").
_METRIC_ATOMS = (
    "m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv L l ar t bar u eV pc"
    " [c] [h] [k] [eps_0] [mu_0] [e] [m_e] [m_p] [G] [g] gf [ly] Ky Gal dyn erg P Bi St Mx G Oe Gb"
    " sb Lmb ph Ci R RAD REM cal_[15] cal_[20] cal_m cal_IT cal_th cal m[H2O] m[Hg] eq osm kat U"
    " [iU] [IU] g% mho B Np B[SPL] B[V] B[mV] B[uV] B[10.nV] B[W] B[kW] bit By Bd st"
)
_METRIC = frozenset(_METRIC_ATOMS.split())
_PLAIN = frozenset({"'", "''", "10*", "10^"})
_ANNOTATION = re.compile(r"\{[!-z|~ ]*\}")
_GROUP = re.compile(r"\(([^()]*)\)")
# A dot or slash inside square brackets is part of an atom's name.
_OPERATOR = re.compile(r"[./](?![^\[]*\])")
_COMPONENT = re.compile(
    r"(?P<atom>10[*^]|\D.*?)(?P<exponent>[+-]?[0-9]+)?(?P<note>\{\})?|[0-9]+(\{\})?"
)


@lru_cache(maxsize=1024)
def is_unit(text: str) -> bool:
    """Tell whether a text is a UCUM unit, as far as its atoms are among the common ones."""
    rest = _ANNOTATION.sub("{}", text)
    while (group := _GROUP.search(rest)) is not None:
        if not _is_term(group[1]):
            return False
        rest = f"{rest[: group.start()]}1{rest[group.end() :]}"
    return _is_term(rest)


def _is_term(text: str) -> bool:
    return all(_is_component(one) for one in _OPERATOR.split(text.removeprefix("/")))


def _is_component(text: str) -> bool:
    if text in {"{}", "{}{}"}:
        return True
    parts = _COMPONENT.fullmatch(text)
    return parts is not None and (parts["atom"] is None or parts["atom"] in _atoms())


@cache
def _atoms() -> frozenset[str]:
    prefixed = (f"{prefix}{atom}" for prefix in _PREFIXES for atom in _METRIC)
    return unit_atoms() | _METRIC | _PLAIN | frozenset(prefixed)
