"""Valid resources with one element changed, as the tables of refused ones need them.

Belongs here: changing. Not here: the valid ones (`valid_examples.py`), or what is refused
(`refused_base.py`, `refused_vital_signs.py`).
"""

from tests.unit.fhir.valid_examples import (
    ABSENT,
    blood_pressure,
    component,
    concept,
    observation,
    quantity,
)

SYSTOLIC = component("8480-6", "128", "mm[Hg]")
DIASTOLIC = component("8462-4", "81", "mm[Hg]")


def changed(resource, **elements):
    """Set elements of a resource; None takes one out."""
    whole = {**resource, **elements}
    return {name: value for name, value in whole.items() if value is not None}


def changed_value(resource, name="valueQuantity", **elements):
    """Set elements of its value."""
    return {**resource, name: changed(resource[name], **elements)}


def changed_component(number, **elements):
    """Give a blood pressure with one component changed."""
    resource = blood_pressure()
    resource["component"][number] = changed(resource["component"][number], **elements)
    return resource


def with_components(*listed):
    """Give a blood pressure of other components."""
    return {**blood_pressure(), "component": list(listed)}


def with_reason(resource):
    """Say that its value is unknown."""
    return {**resource, "dataAbsentReason": concept("unknown", system=ABSENT)}


def plain(**elements):
    """Give an Observation without a profile, changed."""
    return changed(observation("41982-0", "exam", valueQuantity=quantity("18.7", "%")), **elements)
