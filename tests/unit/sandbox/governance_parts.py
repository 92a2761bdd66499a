"""Devices, whose they are, who wrote what, and consents: hand-made resources for tests.

Belongs here: what the tests of the EHR and of the reader share. Not here: what they expect.
"""

from tests.unit.sandbox.ehr_parts import concept, device

STATUS = "http://hl7.org/fhir/deviceassociation-status"
REASON = "http://hl7.org/fhir/deviceassociation-status-reason"
CATEGORY = "http://hl7.org/fhir/device-category"
LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
SINCE = "2026-10-01T08:00:00+00:00"
UNTIL = "2026-11-21T09:00:00+00:00"


def made(resource_type, number, **more):
    """Make a resource; None takes an element away."""
    resource = {"resourceType": resource_type, "id": number} | more
    return {name: part for name, part in resource.items() if part is not None}


def reference(name):
    return {"reference": name}


def definition(number="model"):
    return made("DeviceDefinition", number, modelNumber="Body+")


def owned(number, value, model="model"):
    """Make a vendor's device of a model."""
    return device(number, value) | {
        "definition": {"reference": reference(f"DeviceDefinition/{model}")}
    }


def software(number="software"):
    return made("Device", number, displayName="Sync", category=[concept("software", CATEGORY)])


def association(number="a1", *, of="Device/scale", patient="anna", until=None, **more):
    period = {"start": SINCE} | ({"end": until} if until else {})
    return made(
        "DeviceAssociation",
        number,
        **{
            "device": reference(of),
            "subject": reference(f"Patient/{patient}"),
            "status": concept("attached", STATUS),
            "statusReason": [concept("disconnected", REASON)] if until else None,
            "period": period,
        }
        | more,
    )


def consent(number="c1", *, patient="anna", until=None, **more):
    return made(
        "Consent",
        number,
        **{
            "status": "inactive" if until else "active",
            "subject": reference(f"Patient/{patient}"),
            "decision": "permit",
            "period": {"start": SINCE} | ({"end": until} if until else {}),
        }
        | more,
    )


RUN = {"role": "source", "what": {"identifier": {"system": "urn:x/run", "value": "run-1"}}}


def provenance(number, *targets, patient="anna", activity=None, before=None, **more):
    """Make the note of a batch; `before` is the version that each target had."""
    activity = activity or ("receive" if before is None else "amend")
    role = "removal" if activity == "deprecate" else "revision"
    earlier = [
        {"role": role, "what": reference(f"{target}/_history/{before}")}
        for target in targets
        if before is not None
    ]
    source = {"role": "source", "what": {"display": "the vendor"}}
    return made(
        "Provenance",
        number,
        **{
            "target": [reference(target) for target in targets],
            "recorded": "2026-11-20T21:05:00Z",
            "activity": concept(activity, LIFECYCLE),
            "patient": reference(f"Patient/{patient}"),
            "agent": [{"who": reference("Device/software")}],
            "entity": [source, RUN, *earlier],
        }
        | more,
    )
