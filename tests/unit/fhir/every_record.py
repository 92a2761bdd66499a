"""Every resource that stands around the readings, in each state that a link can be in.

Belongs here: what the builders are given, by hand, and the order in which a server takes it. Not
here: what the resources must say (the tests do).
"""

from dataclasses import replace
from datetime import UTC, datetime

from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.governance.associations import build_association, ended
from ohx_pipelines.fhir.governance.consent import build_consent
from ohx_pipelines.fhir.governance.definitions import build_definition
from ohx_pipelines.fhir.governance.devices import build_device, build_software
from ohx_pipelines.fhir.governance.provenance import Activity, build_provenance

SINCE = datetime(2026, 11, 2, 9, 30, 15, tzinfo=UTC)
UNTIL = datetime(2026, 11, 20, 18, 5, tzinfo=UTC)
BODY = ("body", "weight, height and body composition")
PRESSURE = ("blood_pressure", "blood pressure and pulse")
PULSE_WAVE = ("pulse_wave_velocity", "pulse wave velocity")
# A vendor's word for a kind, a model of it, the vendor's hashed id of one, and its firmware.
DEVICES = [
    ("Scale", "Body Scan", "5d1c0de5", "1981"),
    ("Blood Pressure Monitor", "BPM Connect", "b00b0de5", None),
    ("Activity Tracker", "ScanWatch 2 | 42mm, $", "0ac7", "2.4.1-rc"),
    ("Toaster", "Ünknown/Model", "70a5", None),
]
TARGETS = ["Observation/o2", "Observation/o1"]


def link_context(**changes):
    """Give the context of a link that publishes in a run."""
    given = {
        "vendor": "withings",
        "vendor_user": "71234567",
        "patient": "p1",
        "secret": b"s" * 32,
        "source": "https://example.org/source/withings",
        "link": "6f1d3c",
        "run": "a2b4c6",
        "now": datetime(2026, 11, 24, 12, tzinfo=UTC),
    }
    return PublishContext(**given | changes)


def device(context, number=0, **changes):
    kind, model, device, firmware = DEVICES[number]
    given = {
        "device": device,
        "model": model,
        "kind": kind,
        "manufacturer": "Withings",
        "context": context,
        "firmware": firmware,
    }
    return build_device(**given | changes)


def definition(context, number=0, **changes):
    kind, model, _, _ = DEVICES[number]
    given = {"model": model, "kind": kind, "manufacturer": "Withings", "context": context}
    return build_definition(**given | changes)


def association(context, number=0, **changes):
    kind, _, device, _ = DEVICES[number]
    given = {"device": device, "kind": kind, "context": context, "since": SINCE}
    return build_association(**given | changes)


def consent(context, *data_types, **changes):
    given = {"context": context, "title": "Withings", "data_types": data_types, "since": SINCE}
    return build_consent(**given | changes)


def provenance(context, activity=Activity.CREATE, **changes):
    given = {
        "activity": activity,
        "targets": TARGETS,
        "revisions": {},
        "context": context,
        "title": "Withings",
        "mapping_version": 3,
        "recorded": datetime(2026, 11, 24, 12, 0, 1, 234567, tzinfo=UTC),
    }
    return build_provenance(**given | changes)


def every_record(context):
    """Give (what it is, resource), each after those that it refers to; ids come up again."""
    yield "software", build_software(context=context)
    for number, (kind, *_) in enumerate(DEVICES):
        yield f"definition of {kind}", definition(context, number)
        yield f"{kind}", device(context, number)
        yield f"{kind} without definition", device(context, number, define=False)
        yield f"{kind} without firmware", device(context, number, firmware=None)
        yield f"open association with {kind}", association(context, number)
        yield f"ended association with {kind}", ended(association(context, number), UNTIL)
    for number, shared in enumerate([[BODY], [BODY, PRESSURE], [BODY, PRESSURE, PULSE_WAVE], []]):
        yield f"consent {number}", consent(context, *shared)
        yield f"withdrawn consent {number}", consent(context, *shared, until=UNTIL)
    for activity in Activity:
        yield activity.name, provenance(context, activity)
        known = provenance(
            context, activity, revisions={"Observation/o1": "1"}, targets=TARGETS[1:]
        )
        yield f"{activity.name} with version", known


def variants(context):
    """Give the resources of the link, and again as test data."""
    for name, one in every_record(context):
        yield name, one
    for name, one in every_record(replace(context, test_data=True)):
        yield f"{name}, test data", one
