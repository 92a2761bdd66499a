"""Every variant of the apps' export files, by name.

Belongs here: choosing who writes it. Not here: how (`pro.py`, `sister_apps.py`, `omron_connect.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sandbox.files.omron_connect import OMRON_VARIANTS, write_omron_connect
from sandbox.files.pro import PRO, write_pro
from sandbox.files.sections import ERROR, Options, Written
from sandbox.files.sister_apps import write_healthcoach, write_healthforyou, write_healthmanager
from sandbox.files.truth import BEURER, OMRON_CONNECT, Kind, TruthRow, numbered

VARIANTS = {
    BEURER: ("healthmanager-en", *PRO, "healthforyou-de", "healthforyou-en", "healthcoach-en"),
    OMRON_CONNECT: OMRON_VARIANTS,
}
_KILOGRAMS = {"lb": Decimal("0.45359237"), "st": Decimal("6.35029318")}
_DEFAULTS = Options()


def write(variant: str, rows: Sequence[TruthRow], options: Options = _DEFAULTS) -> Written:
    """Write readings into a file of a variant; raises ValueError for one that nobody knows.

    The file's own `rows` are what it means: a variant holds some kinds and columns alone.
    """
    rows = [_in_unit(row, options.weight_unit) for row in rows]
    written = _write(variant, rows, options)
    meant = [row for row in written.rows if ERROR not in row.flags]
    return replace(written, rows=tuple(numbered(meant)))


def _write(variant: str, rows: Sequence[TruthRow], options: Options) -> Written:
    if variant in PRO:
        return write_pro(variant, rows, options)
    if variant in OMRON_VARIANTS:
        return write_omron_connect(variant, rows, options)
    if variant == "healthmanager-en":
        return write_healthmanager(rows, options)
    if variant == "healthcoach-en":
        return write_healthcoach(rows, options)
    if variant in {"healthforyou-de", "healthforyou-en"}:
        return write_healthforyou(variant.removeprefix("healthforyou-"), rows, options)
    message = f"no variant {variant}"
    raise ValueError(message)


def _in_unit(row: TruthRow, unit: str) -> TruthRow:
    if row.kind is not Kind.WEIGHT or unit == "kg":
        return row
    values = dict(row.values)
    weight = (values.pop("weight") / _KILOGRAMS[unit]).quantize(Decimal("0.1"))
    return replace(row, values={f"weight_{unit}": weight, **values})
