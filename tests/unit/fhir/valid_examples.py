"""Valid Observations written by hand from the R5 specification, fresh copies for each caller.

Belongs here: what the standard allows. Not here: what our builders make (`every_reading.py`), or
the resources around the readings (`valid_governance.py`).
"""

from decimal import Decimal

PROFILES = "http://hl7.org/fhir/StructureDefinition/"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
LABELS = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
LOCAL = "https://example.org/fhir/CodeSystem/measurements"
LOINC = "http://loinc.org"
MDC = "urn:iso:std:iso:11073:10101"
UCUM = "http://unitsofmeasure.org"
MORNING = "2026-11-20T07:31:02+01:00"
# The day on which clocks go back in Berlin: the two offsets differ.
LONG_DAY = {"start": "2026-10-25T00:00:00+02:00", "end": "2026-10-26T00:00:00+01:00"}
NIGHT = {"start": "2026-11-19T23:10:00+01:00", "end": "2026-11-20T06:40:00+01:00"}


def concept(*codes, system=LOINC):
    return {"coding": [{"system": system, "code": code} for code in codes]}


def quantity(value, code, unit=None):
    return {"value": Decimal(value), "unit": unit or code, "system": UCUM, "code": code}


def component(code, value, unit, system=LOINC):
    return {"code": concept(code, system=system), "valueQuantity": quantity(value, unit)}


def observation(code, category, *, profile=None, system=LOINC, **elements):
    meta = {
        "source": "https://example.org/fhir/source/withings",
        "security": [{"system": LABELS, "code": "DEVAST", "display": "device asserted"}],
    }
    if profile is not None:
        meta["profile"] = [PROFILES + profile]
    times = [name for name in elements if name.startswith("effective")]
    return {
        "resourceType": "Observation",
        "id": "0b8d7c1e-6f0a-4c55-9a39-3d6c5a0e6a11",
        "meta": meta,
        "identifier": [{"system": "https://example.org/fhir/sid/withings", "value": "81.1.0"}],
        "status": "final",
        "category": [concept(category, system=CATEGORY)],
        "code": concept(code, system=system) if isinstance(code, str) else code,
        "subject": {"reference": "Patient/p1"},
        "device": {"reference": "Device/d1"},
        **({} if times else {"effectiveDateTime": MORNING}),
        **elements,
    }


def vital_sign(code, profile, **elements):
    return observation(code, "vital-signs", profile=profile, **elements)


def weight():
    return vital_sign("29463-7", "bodyweight", valueQuantity=quantity("72.30", "kg"))


def blood_pressure():
    return vital_sign(
        "85354-9",
        "bp",
        component=[component("8480-6", "128", "mm[Hg]"), component("8462-4", "81", "mm[Hg]")],
    )


def heart_rate_series():
    return vital_sign(
        "8867-4",
        "heartrate",
        valueSampledData={
            "origin": quantity("0", "/min", "beats/minute"),
            "interval": 60,
            "intervalUnit": "s",
            "dimensions": 1,
            "data": "61 62.5 E 64 L U",
        },
    )


def irregular_series():
    series = heart_rate_series()
    del series["valueSampledData"]["interval"]
    series["valueSampledData"] |= {"offsets": "0 5 20.5 65", "data": "61 62 E 64"}
    return series


def ecg():
    return observation(
        "131329",
        "procedure",
        system=MDC,
        effectivePeriod={"start": MORNING, "end": "2026-11-20T07:31:32+01:00"},
        valueSampledData={
            "origin": quantity("0", "mV"),
            "interval": Decimal("3.3333"),
            "intervalUnit": "ms",
            "factor": Decimal("0.001"),
            "dimensions": 1,
            "data": " ".join(str(sample) for sample in range(-4500, 4500)),
        },
        component=[component("8867-4", "61", "/min"), component("8634-8", "402", "ms")],
    )


def sleep():
    return observation(
        "93832-4",
        "activity",
        effectivePeriod=NIGHT,
        valueQuantity=quantity("7.5", "h"),
        component=[component("93831-6", "92", "min"), component("93829-0", "101", "min")],
        hasMember=[{"reference": "Observation/stage-1"}],
    )


def observations():
    """Give one of each shape, by name."""
    missing = blood_pressure()
    missing["component"][1] = {
        "code": concept("8462-4"),
        "dataAbsentReason": concept("unknown", system=ABSENT),
    }
    pulse = blood_pressure()
    pulse["component"].append(component("8867-4", "61", "/min"))
    flagged = blood_pressure()
    flagged["component"].append(
        {"code": concept("irregular-heartbeat", system=LOCAL), "valueBoolean": True}
    )
    two_codes = blood_pressure()
    two_codes["component"][0]["code"]["coding"].insert(0, {"system": MDC, "code": "150021"})
    return {
        "weight": weight(),
        "blood pressure": blood_pressure(),
        "blood pressure, no diastolic": missing,
        "blood pressure with pulse": pulse,
        "blood pressure with a flag": flagged,
        "blood pressure, two codings": two_codes,
        "heart rate": vital_sign("8867-4", "heartrate", valueQuantity=quantity("61", "/min")),
        "heart rate series": heart_rate_series(),
        "irregular series": irregular_series(),
        "resting heart rate": vital_sign(
            concept("40443-4", "8867-4"),
            "heartrate",
            effectiveDateTime="2026-10-25",
            valueQuantity=quantity("54", "/min"),
        ),
        "height": vital_sign("8302-2", "bodyheight", valueQuantity=quantity("178.0", "cm")),
        "body mass index": vital_sign(
            "39156-5",
            "bmi",
            valueQuantity=quantity("22.8", "kg/m2"),
            derivedFrom=[{"reference": "Observation/weight"}],
        ),
        "oxygen saturation": vital_sign(
            concept("2708-6", "59408-5"), "oxygensat", valueQuantity=quantity("97", "%")
        ),
        "respiration": vital_sign("9279-1", "resprate", valueQuantity=quantity("14.2", "/min")),
        "temperature": vital_sign("8310-5", "bodytemp", valueQuantity=quantity("36.6", "Cel")),
        "any vital sign": vital_sign("8280-0", "vitalsigns", valueQuantity=quantity("91", "cm")),
        "ecg": ecg(),
        "ecg finding": observation(
            "afib-classification",
            "procedure",
            system=LOCAL,
            valueCodeableConcept=concept("sinus-rhythm", system=LOCAL),
            derivedFrom=[{"reference": "Observation/ecg"}],
        ),
        "sleep": sleep(),
        "sleep stage": observation(
            "sleep-stage",
            "activity",
            system=LOCAL,
            effectivePeriod=NIGHT,
            valueCodeableConcept=concept("rem", system=LOCAL),
        ),
        "steps": observation(
            "41950-7",
            "activity",
            effectivePeriod=LONG_DAY,
            valueQuantity=quantity("8123", "{steps}/d"),
            status="preliminary",
        ),
        "oxygen uptake, a range": observation(
            "94122-9",
            "activity",
            valueRange={"low": quantity("44", "mL/min/kg"), "high": quantity("48", "mL/min/kg")},
            method={"text": "vendor estimate"},
        ),
        "fat ratio": observation("41982-0", "exam", valueQuantity=quantity("18.7", "%")),
    }
