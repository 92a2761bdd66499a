"""What FHIR R5 refuses of any resource: structure, data types, invariants.

Each row: what is wrong, the resource, the rule that says so, and the place below the resource.
The rows are read from the specification, not from the code.
"""

from decimal import Decimal

from tests.unit.fhir.spoiled import changed, changed_value, plain, with_reason
from tests.unit.fhir.valid_examples import (
    CATEGORY,
    LABELS,
    PROFILES,
    component,
    concept,
    quantity,
)
from tests.unit.fhir.valid_governance import governance

OTHER_PROFILE = "https://example.org/fhir/StructureDefinition/other"
AROUND = governance()

REFUSED = [
    # Structure and data types.
    ("status finl", plain(status="finl"), "binding", "status"),
    ("no status", plain(status=None), "required", "status"),
    ("no code", plain(code=None), "required", "code"),
    ("unknown element", plain(colour="red"), "unknown-element", ""),
    ("two values", plain(valueString="low"), "choice", "value"),
    ("no zone", plain(effectiveDateTime="2026-11-20T07:31:02"), "format", "effectiveDateTime"),
    ("no such day", plain(effectiveDateTime="2026-02-30"), "format", "effectiveDateTime"),
    ("id with underscore", plain(id="a_b"), "format", "id"),
    ("id of 65 characters", plain(id="a" * 65), "format", "id"),
    ("value as string", changed_value(plain(), value="72.3"), "type", "valueQuantity.value"),
    ("boolean as number", changed_value(plain(), value=True), "type", "valueQuantity.value"),
    (
        "18 decimals",
        changed_value(plain(), value=Decimal("1e-18")),
        "format",
        "valueQuantity.value",
    ),
    ("null", plain(device={"reference": None}), "type", "device.reference"),
    (
        "a bare word as system",
        changed_value(plain(), system="ucum"),
        "absolute-address",
        "valueQuantity",
    ),
    (
        "no UUID",
        plain(identifier=[{"system": "urn:uuid:81", "value": "1"}]),
        "format",
        "identifier[0].system",
    ),
    (
        "one label twice",
        plain(meta={"security": [{"system": LABELS, "code": "DEVAST"}] * 2}),
        "duplicate-label",
        "meta",
    ),
    (
        "a category without code",
        plain(category=[{"coding": [{"system": CATEGORY}]}]),
        "missing-code",
        "category[0]",
    ),
    (
        "a reference of two words",
        plain(device={"reference": "Device/d1 d2"}),
        "reference",
        "device",
    ),
    ("empty object", plain(method={}), "ele-1", "method"),
    ("only an id", plain(method={"id": "m1"}), "ele-1", "method"),
    ("empty list", plain(note=[]), "ele-1", "note"),
    ("empty text", plain(method={"text": ""}), "format", "method.text"),
    ("list for object", plain(method=[{"text": "by hand"}]), "type", "method"),
    ("object for list", plain(category={"text": "exam"}), "type", "category"),
    (
        "invented category",
        plain(category=[concept("vitals", system=CATEGORY)]),
        "unknown-code",
        "category[0].coding[0]",
    ),
    # Invariants of Observation and of the data types.
    ("value and reason", with_reason(plain()), "obs-6", ""),
    (
        "a component repeats the code",
        plain(component=[component("41982-0", "1", "%")]),
        "obs-7",
        "",
    ),
    (
        "body site twice",
        plain(bodySite={"text": "arm"}, bodyStructure={"reference": "BodyStructure/b1"}),
        "obs-8",
        "",
    ),
    (
        "empty range of reference",
        plain(referenceRange=[{"type": {"text": "n"}}]),
        "obs-3",
        "referenceRange[0]",
    ),
    ("code without system", changed_value(plain(), system=None), "qty-3", "valueQuantity"),
    ("no UCUM unit", changed_value(plain(), code="percent"), "unknown-code", "valueQuantity"),
    (
        "ends before it starts",
        plain(
            effectiveDateTime=None,
            effectivePeriod={"start": "2026-11-20", "end": "2026-11-18T12:00:00Z"},
        ),
        "per-1",
        "effectivePeriod",
    ),
    (
        "low above high",
        plain(
            valueQuantity=None, valueRange={"low": quantity("48", "%"), "high": quantity("44", "%")}
        ),
        "rng-2",
        "valueRange",
    ),
    (
        "low above high by more than their digits leave open",
        plain(
            valueQuantity=None, valueRange={"low": quantity("5.6", "%"), "high": quantity("5", "%")}
        ),
        "rng-2",
        "valueRange",
    ),
    (
        "a range of two units",
        plain(
            valueQuantity=None, valueRange={"low": quantity("4", "kg"), "high": quantity("5", "g")}
        ),
        "rng-2",
        "valueRange",
    ),
    (
        "comparator in a range",
        plain(valueQuantity=None, valueRange={"low": {**quantity("1", "%"), "comparator": "<"}}),
        "cardinality",
        "valueRange.low.comparator",
    ),
    ("an empty reference", plain(device={"type": "Device"}), "ref-2", "device"),
    ("a missing contained one", plain(device={"reference": "#d1"}), "ref-1", "device"),
    (
        "an extension of nothing",
        plain(extension=[{"url": "https://x.org"}]),
        "ext-1",
        "extension[0]",
    ),
    # The resources around the readings.
    (
        "two names shown",
        changed(AROUND["Device"], name=[*AROUND["Device"]["name"], *AROUND["Device"]["name"]]),
        "dev-1",
        "",
    ),
    (
        "a name without its kind",
        changed(AROUND["Device"], name=[{"value": "Body Scan"}]),
        "required",
        "name[0].type",
    ),
    ("no such device status", changed(AROUND["Device"], status="on"), "binding", "status"),
    (
        "an association of no device",
        changed(AROUND["DeviceAssociation"], device=None),
        "required",
        "device",
    ),
    (
        "an association of no known status",
        changed(AROUND["DeviceAssociation"], status={"text": "linked"}),
        "binding",
        "status",
    ),
    ("provenance of nothing", changed(AROUND["Provenance"], target=[]), "ele-1", "target"),
    ("provenance by nobody", changed(AROUND["Provenance"], agent=None), "required", "agent"),
    (
        "a consent of R4",
        changed(AROUND["Consent"], scope={"text": "privacy"}),
        "unknown-element",
        "",
    ),
    ("no such decision", changed(AROUND["Consent"], decision="maybe"), "binding", "decision"),
    (
        "one code for two concepts",
        changed(AROUND["CodeSystem"], concept=[{"code": "a"}, {"code": "a"}]),
        "csd-1",
        "",
    ),
    # Profiles themselves.
    (
        "profile unknown",
        plain(meta={"profile": [OTHER_PROFILE]}),
        "unknown-profile",
        "meta.profile[0]",
    ),
    (
        "profile of R4",
        plain(meta={"profile": [f"{PROFILES}bodyweight|4.0.1"]}),
        "unknown-profile",
        "meta.profile[0]",
    ),
    (
        "profile of another type",
        changed(AROUND["Device"], meta={"profile": [f"{PROFILES}bp"]}),
        "unknown-profile",
        "meta.profile[0]",
    ),
]
