"""What the R5 vital-sign profiles refuse where the base type would not.

Each row: what is wrong, the resource, the rule that says so, and the place below the resource.
The rows are read from the specification, not from the code.
"""

from tests.unit.fhir.spoiled import (
    DIASTOLIC,
    SYSTOLIC,
    changed,
    changed_component,
    changed_value,
    with_components,
    with_reason,
)
from tests.unit.fhir.valid_examples import (
    CATEGORY,
    LOCAL,
    blood_pressure,
    component,
    concept,
    quantity,
    vital_sign,
    weight,
)

STONE = quantity("11", "[stone_av]")

REFUSED = [  # Vital signs.
    ("no subject", changed(weight(), subject=None), "required", "subject"),
    ("no category", changed(weight(), category=None), "required", "category"),
    ("no effective time", changed(weight(), effectiveDateTime=None), "required", "effective"),
    (
        "another category",
        changed(weight(), category=[concept("exam", system=CATEGORY)]),
        "slice",
        "category",
    ),
    ("another code", changed(weight(), code=concept("8302-2")), "slice", "code.coding"),
    ("no coding", changed(weight(), code={"text": "weight"}), "slice", "code.coding"),
    ("stone", changed(weight(), valueQuantity=STONE), "binding", "valueQuantity.code"),
    ("no unit", changed_value(weight(), unit=None), "required", "valueQuantity.unit"),
    (
        "no UCUM system",
        changed_value(weight(), system=LOCAL),
        "fixed-value",
        "valueQuantity.system",
    ),
    ("neither value nor reason", changed(weight(), valueQuantity=None), "vs-2", ""),
    ("a year alone", changed(weight(), effectiveDateTime="2026"), "vs-1", "effectiveDateTime"),
    (
        # The rule's expression is not true of a Period, whatever its text says.
        "a period",
        changed(weight(), effectiveDateTime=None, effectivePeriod={"start": "2026-11-20"}),
        "vs-1",
        "effectivePeriod",
    ),
    (
        "an instant",
        changed(weight(), effectiveDateTime=None, effectiveInstant="2026-11-20T07:31:02Z"),
        "type",
        "effective",
    ),
    (
        "beats per minute in braces",
        vital_sign("8867-4", "heartrate", valueQuantity=quantity("61", "{beats}/min")),
        "fixed-value",
        "valueQuantity.code",
    ),
    (
        "resting heart rate alone",
        vital_sign("40443-4", "heartrate", valueQuantity=quantity("54", "/min")),
        "slice",
        "code.coding",
    ),
    (
        "coulomb for Celsius",
        vital_sign("8310-5", "bodytemp", valueQuantity=quantity("36.6", "C")),
        "binding",
        "valueQuantity.code",
    ),
    (
        "BMI without a value",
        with_reason(vital_sign("39156-5", "bmi")),
        "required",
        "valueQuantity",
    ),
    ("BMI as text", vital_sign("39156-5", "bmi", valueString="22"), "type", "value"),
    # Blood pressure.
    ("one component", with_components(SYSTOLIC), "cardinality", "component"),
    ("no components", changed(blood_pressure(), component=None), "required", "component"),
    (
        "no diastolic",
        with_components(SYSTOLIC, component("8867-4", "61", "/min")),
        "slice",
        "component",
    ),
    ("two systolics", with_components(SYSTOLIC, SYSTOLIC, DIASTOLIC), "slice", "component"),
    (
        "kilopascal",
        changed_component(0, valueQuantity=quantity("17", "kPa")),
        "fixed-value",
        "component[0].valueQuantity.code",
    ),
    (
        "a systolic text",
        changed_component(0, valueQuantity=None, valueString="high"),
        "type",
        "component[0].value",
    ),
    (
        "a value of its own",
        changed(blood_pressure(), valueQuantity=quantity("97", "mm[Hg]")),
        "cardinality",
        "valueQuantity",
    ),
    ("diastolic without value", changed_component(1, valueQuantity=None), "vs-3", "component[1]"),
    (
        "pulse in milliseconds",
        with_components(SYSTOLIC, DIASTOLIC, component("8867-4", "980", "ms")),
        "binding",
        "component[2].valueQuantity",
    ),
]
