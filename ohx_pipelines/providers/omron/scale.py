"""OMRON's rows of scales, thermometers and oximeters: numbers, each with its unit.

Belongs here: those fields. OMRON's documents do not show these rows: they are read by the names that are
likely, and a unit that is not said is never guessed. Not here: which rows there are (`listed_rows.py`).
"""

from __future__ import annotations

from decimal import Decimal

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.omron.cuff import PULSE
from ohx_pipelines.providers.omron.rows import Row, first_of
from ohx_pipelines.providers.omron.takings import Field, Taking

# Wider than what files are read by: also of a body that was out in the cold.
BODY_CELSIUS = (Decimal(25), Decimal(45))
MASSES = {"kg": "kg", "lb": "[lb_av]", "lbs": "[lb_av]", "st": "[stone_av]"}
TEMPERATURES = {
    **dict.fromkeys(("c", "°c", "degc", "celsius"), "Cel"),
    **dict.fromkeys(("f", "°f", "degf", "fahrenheit"), "[degF]"),
}
WEIGHT = Field(Metric.BODY_WEIGHT, "kg", ("weight",))
COMPOSITION = (
    Field(Metric.BODY_MASS_INDEX, "kg/m2", ("bmivalue", "bmi")),
    Field(Metric.FAT_RATIO, "%", ("bodyfatpercentage",)),
    Field(Metric.MUSCLE_RATIO, "%", ("skeletalmusclepercentage",)),
    Field(Metric.VISCERAL_FAT_LEVEL, "{score}", ("visceralfatlevel",)),
    Field(Metric.BASAL_METABOLIC_RATE, "kcal", ("restingmetabolism",)),
    Field(Metric.METABOLIC_AGE, "a", ("bodyage",)),
)
TEMPERATURE = Field(Metric.BODY_TEMPERATURE, "Cel", ("temperature",), bounds=BODY_CELSIUS)
OXYGEN = Field(Metric.OXYGEN_SATURATION, "%", ("oxygensaturation", "spo2", "oxygen"))


def take_scale(row: Row, taking: Taking) -> None:
    """Take the fields of a weight row."""
    taking.take_in(MASSES, WEIGHT, row, said=first_of(row, "weightunits"))
    for known in COMPOSITION:
        taking.take(known, row)


def take_thermometer(row: Row, taking: Taking) -> None:
    """Take the field of a temperature row."""
    taking.take_in(TEMPERATURES, TEMPERATURE, row, said=first_of(row, "temperatureunits"))


def take_oximeter(row: Row, taking: Taking) -> None:
    """Take the fields of an oxygen row."""
    taking.take(OXYGEN, row)
    taking.take(PULSE, row)
