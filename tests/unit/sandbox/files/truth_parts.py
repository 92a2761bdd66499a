"""Truth rows by hand, and files read back with nothing but splitting.

Belongs here: what the tests of export files share. Not here: what a test expects.
"""

from datetime import date, datetime
from decimal import Decimal

from sandbox.files.sections import Options
from sandbox.files.truth import Kind, TruthRow

KIM = Options(name="Kim Muster", birth_date=date(1975, 2, 1), gender="Weiblich")
NUMBERS = {
    "weight": "71.4", "bmi": "22.3", "body_fat": "17.9", "water": "56.2", "muscles": "42.1",
    "bones": "2.9", "metabolic_age": "44", "pulse": "62", "visceral_fat": "5",
}  # fmt: skip


def reading(kind, at, values, **further):
    return TruthRow(
        kind=Kind(kind),
        moment=datetime.fromisoformat(at),
        zone="Europe/Berlin",
        values={name: Decimal(value) for name, value in values.items()},
        **further,
    )


def weighed(at="2026-03-14T07:52", **further):
    return reading("weight", at, NUMBERS, **further)


def cuffed(at="2026-03-15T20:11", systolic=127, **further):
    values = {"sys": systolic, "dia": 79, "pulse": 63, "map": 95}
    return reading("pressure", at, values, **further)


def lines_of(written, encoding="utf-8-sig"):
    return written.content.decode(encoding).splitlines()
