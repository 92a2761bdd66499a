"""What R5's vital-sign profiles fix, as far as the mapping decides it: code, category, unit.

Belongs here: facts read from the official StructureDefinitions, version 5.0.0. Not here: checks of
whole resources (`validate.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

PROFILES = "http://hl7.org/fhir/StructureDefinition/"
CATEGORY = "vital-signs"
SYSTOLIC, DIASTOLIC = "8480-6", "8462-4"
PRESSURE_UNITS = ("mm[Hg]",)
# ucum-vitals-common, the required binding of every component's quantity.
COMPONENT_UNITS = (
    *("%", "cm", "[in_i]", "kg", "g", "[lb_av]", "Cel", "[degF]", "mm[Hg]", "/min", "kg/m2", "m2"),
)


@dataclass(frozen=True)
class VitalSign:
    """A profile: the LOINC code that it fixes, and the UCUM units that it allows."""

    name: str
    code: str
    units: tuple[str, ...]


VITAL_SIGNS = {
    PROFILES + name: VitalSign(name, code, units)
    for name, code, units in (
        ("bodyweight", "29463-7", ("kg", "g", "[lb_av]")),
        ("bodyheight", "8302-2", ("cm", "[in_i]")),
        ("bmi", "39156-5", ("kg/m2",)),
        ("bodytemp", "8310-5", ("Cel", "[degF]")),
        ("heartrate", "8867-4", ("/min",)),
        ("oxygensat", "2708-6", ("%",)),
        ("resprate", "9279-1", ("/min",)),
        ("bp", "85354-9", ()),
    )
}
PROFILE_OF_CODE = {sign.code: sign.name for sign in VITAL_SIGNS.values()}
