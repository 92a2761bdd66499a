"""Times: instants with their own offset, local days of 22 to 26 hours, days that have not ended."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.fhir.readings import TAKEN, measurement, over
from tests.unit.fhir.tables import changed

# Local midnights of Europe/Berlin, Australia/Lord_Howe and Antarctica/Troll as published, and the
# day's length.
DAYS = [
    ("2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00", 24),
    ("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 23),
    ("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 25),
    ("2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30", 24.5),
    ("2026-03-29T00:00:00+00:00", "2026-03-30T00:00:00+02:00", 22),
    ("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+00:00", 26),
    # Cairo's clocks skip from 00:00 to 01:00: the day begins, and the one before ends, at one.
    ("2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00", 23),
    ("2026-04-23T00:00:00+02:00", "2026-04-24T01:00:00+03:00", 24),
]
LATE = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("start", "end", "hours"), DAYS)
def test_a_days_total_spans_the_local_day_and_each_end_has_its_own_offset(build, start, end, hours):
    [resource] = build(measurement("steps_per_day", "8123", "{steps}/d", **over(start, end)))

    assert resource["effectivePeriod"] == {"start": start, "end": end}
    assert "effectiveDateTime" not in resource
    spans = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    assert spans == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-20T00:00:00+01:00", "2026-11-20T14:00:00+01:00"),
        ("2026-11-20T06:00:00+01:00", "2026-11-21T06:00:00+01:00"),
        ("2026-11-20T00:30:00+01:00", "2026-11-21T00:30:00+01:00"),
        ("2026-11-20T00:00:00+01:00", "2026-11-22T00:00:00+01:00"),
        # A whole day, but another one than the reading's.
        ("2026-11-19T00:00:00+01:00", "2026-11-20T00:00:00+01:00"),
    ],
)
def test_a_part_of_a_day_is_never_published_under_a_code_for_24_hours(build_all, start, end):
    day = {"day": TAKEN.date()}
    built = build_all(
        measurement("steps_per_day", "8123", "{steps}/d", **over(start, end) | day),
        measurement("body_weight", "70", "kg"),
    )

    assert built.left_out == {TAKEN.date(): {"period_unfit": 1}}
    assert len(built.desired) == 1


def test_a_value_over_a_period_is_left_out_and_never_cut_to_its_start(build_all):
    hour = over("2026-11-20T07:00:00+01:00", "2026-11-20T08:00:00+01:00")

    built = build_all(measurement("body_weight", "70", "kg", **hour))

    assert built.desired == []
    assert built.left_out == {TAKEN.date(): {"period_unfit": 1}}


def test_a_session_without_an_end_is_left_out(build_all):
    built = build_all(measurement("sleep_duration", "420", "min"))

    assert built.left_out == {TAKEN.date(): {"period_unfit": 1}}


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2026-11-20T22:59:59+00:00", "preliminary"),
        ("2026-11-20T23:00:00+00:00", "final"),
        ("2026-11-21T00:00:01+01:00", "final"),
        ("2026-11-21T05:00:00+09:00", "preliminary"),
    ],
)
def test_a_days_total_is_preliminary_until_the_users_day_has_ended(build, now, status):
    day = over("2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00")
    steps = measurement("steps_per_day", "8123", "{steps}/d", **day)

    [resource] = build(steps, now=datetime.fromisoformat(now))

    assert resource["status"] == status


def test_a_site_may_have_open_days_left_out(build_all, mapping):
    day = over("2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00")
    steps = measurement("steps_per_day", "8123", "{steps}/d", **day)
    table = changed(mapping, steps.metric, open_day="omit")

    early = build_all(steps, table=table, now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    late = build_all(steps, table=table, now=LATE)

    assert (early.desired, early.left_out) == ([], {TAKEN.date(): {"open_day": 1}})
    assert [one.resource["status"] for one in late.desired] == ["final"]


def test_a_site_may_have_a_metric_published_as_preliminary(build_all, mapping):
    weight = measurement("body_weight", "70", "kg")
    table = changed(mapping, weight.metric, status="preliminary")

    [one] = build_all(weight, table=table).desired

    assert one.resource["status"] == "preliminary"


def test_a_vital_sign_of_a_day_has_the_date_since_its_profile_refuses_a_period(build):
    day = over("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00")

    [resource] = build(measurement("resting_heart_rate", "58", "/min", **day))

    assert resource["effectiveDateTime"] == "2026-10-25"
    assert "effectivePeriod" not in resource
    assert resource["meta"]["profile"] == ["http://hl7.org/fhir/StructureDefinition/heartrate"]


def test_a_vital_sign_over_a_session_keeps_its_period_and_claims_no_profile(build):
    night = over("2026-11-19T23:04:00+01:00", "2026-11-20T07:10:00+01:00")

    [resource] = build(measurement("mean_oxygen_saturation", "95.1", "%", **night))

    assert resource["effectivePeriod"] == {
        "start": "2026-11-19T23:04:00+01:00",
        "end": "2026-11-20T07:10:00+01:00",
    }
    assert "profile" not in resource["meta"]
    assert resource["category"][0]["coding"][0]["code"] == "vital-signs"


def test_a_vital_sign_of_an_open_day_is_preliminary_too(build):
    day = over("2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00")
    resting = measurement("resting_heart_rate", "58", "/min", **day)

    [resource] = build(resting, now=datetime(2026, 11, 20, 12, tzinfo=UTC))

    assert (resource["status"], resource["effectiveDateTime"]) == ("preliminary", "2026-11-20")
