"""Valid resources around the readings, and all valid examples together.

Belongs here: devices, consent, provenance and the like, by hand from the specification. Not here:
Observations (`valid_examples.py`).
"""

import copy

from tests.unit.fhir.valid_examples import LOCAL, MDC, concept, observations


def governance():
    """Give the resources around the readings, by type."""
    return copy.deepcopy(
        {
            "Device": {
                "resourceType": "Device",
                "id": "d1",
                "identifier": [{"system": "https://example.org/sid/device", "value": "f3a9"}],
                "displayName": "Withings Body Scan",
                "status": "active",
                "manufacturer": "Withings",
                "name": [{"value": "Body Scan", "type": "user-friendly-name", "display": True}],
                "type": [concept("528399", system=MDC)],
                "version": [{"value": "1.2.3"}],
                "category": [concept("home-use", system="http://hl7.org/fhir/device-category")],
            },
            "DeviceDefinition": {
                "resourceType": "DeviceDefinition",
                "deviceName": [{"name": "Body Scan", "type": "user-friendly-name"}],
                "modelNumber": "WBS10",
            },
            "DeviceAssociation": {
                "resourceType": "DeviceAssociation",
                "device": {"reference": "Device/d1"},
                "status": concept(
                    "attached", system="http://hl7.org/fhir/deviceassociation-status"
                ),
                "subject": {"reference": "Patient/p1"},
                "period": {"start": "2026-01-02T10:00:00Z"},
            },
            "Provenance": {
                "resourceType": "Provenance",
                "target": [{"reference": "Observation/o1"}],
                "recorded": "2026-11-20T07:31:02.123Z",
                "activity": concept(
                    "transform",
                    system="http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle",
                ),
                "agent": [{"who": {"reference": "Device/software"}}],
            },
            "Consent": {
                "resourceType": "Consent",
                "status": "active",
                "subject": {"reference": "Patient/p1"},
                "date": "2026-01-02",
                "decision": "permit",
                "provision": [
                    {
                        "period": {"start": "2026-01-02"},
                        "resourceType": [
                            {"system": "http://hl7.org/fhir/fhir-types", "code": "Observation"}
                        ],
                    }
                ],
            },
            "Patient": {
                "resourceType": "Patient",
                "id": "p1",
                "active": True,
                "name": [{"family": "Muster", "given": ["Erika"]}],
                "gender": "female",
                "birthDate": "1964-08-12",
            },
            "CodeSystem": {
                "resourceType": "CodeSystem",
                "url": LOCAL,
                "status": "active",
                "content": "complete",
                "concept": [{"code": "hrv-rmssd", "display": "RMSSD", "definition": "a mean"}],
            },
        }
    )


def examples():
    """Give every valid example by name."""
    return {**observations(), **governance()}
