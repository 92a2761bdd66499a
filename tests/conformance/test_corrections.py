"""A reading that the vendor changed: one new version, marked as corrected, and none after that."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ohx_pipelines.measurements import Metric
from tests.conformance.our_writer import MODES, READINGS, outcomes, synced, total, week

pytestmark = pytest.mark.slow

CHANGED = Decimal("74.85")


def corrected_week():
    first, *others = week()
    assert first.metric is Metric.BODY_WEIGHT
    return [replace(first, value=CHANGED), *others]


@pytest.mark.parametrize("mode", MODES)
def test_a_changed_value_becomes_a_second_version_and_an_unchanged_rerun_no_third(
    hapi, patient, mode
):
    synced(hapi.url, patient, mode=mode)
    second = synced(hapi.url, patient, corrected_week(), mode=mode)
    third = synced(hapi.url, patient, corrected_week(), mode=mode)

    assert outcomes([*second, *third]) == {"synced"}
    assert (total(second, "updated"), total(second, "unchanged")) == (1, READINGS - 1)
    assert (total(third, "updated"), total(third, "unchanged")) == (0, READINGS)
    assert hapi.versions(patient) == {"1": READINGS - 1, "2": 1}
    [changed] = [one for one in hapi.observations(patient) if one["meta"]["versionId"] == "2"]
    told = [(one["status"], one["valueQuantity"]["value"]) for one in hapi.history(changed["id"])]
    assert told == [("final", Decimal("72.30")), ("corrected", CHANGED)]


def test_what_somebody_marked_as_entered_in_error_stays_so(hapi, patient):
    synced(hapi.url, patient)
    one = next(o for o in hapi.observations(patient) if o["code"]["coding"][0]["code"] == "29463-7")
    hapi.put(one | {"status": "entered-in-error"})
    again = synced(hapi.url, patient)

    assert outcomes(again) == {"synced"}
    assert [v["status"] for v in hapi.history(one["id"])] == ["final", "entered-in-error"]
