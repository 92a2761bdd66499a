"""Whose device it is and what is shared: open while linked, closed when it ends, open again."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.governance.associations import ended
from tests.unit.fhir.every_record import (
    BODY,
    PRESSURE,
    SINCE,
    UNTIL,
    association,
    consent,
    device,
    link_context,
)

STATUS = "http://hl7.org/fhir/deviceassociation-status"
REASON = "http://hl7.org/fhir/deviceassociation-status-reason"
SCALE, WATCH = 0, 2
OPENED = "2026-11-02T09:30:15+00:00"
CLOSED = "2026-11-20T18:05:00+00:00"


def codes(concept):
    return [(one["system"], one["code"]) for one in concept["coding"]]


def test_an_association_names_patient_and_device_and_is_open():
    context = link_context()
    built = association(context)

    assert built["device"] == {"reference": f"Device/{device(context)['id']}"}
    assert built["subject"] == {"reference": "Patient/p1"}
    assert built["period"] == {"start": OPENED}
    assert "statusReason" not in built


def test_what_is_worn_is_attached_and_of_the_rest_r5_has_no_word():
    worn, household = association(link_context(), WATCH), association(link_context(), SCALE)

    assert codes(worn["status"]) == [(STATUS, "attached")]
    assert codes(household["status"]) == [(STATUS, "unknown")]


@pytest.mark.parametrize("number", [SCALE, WATCH])
def test_an_ended_association_says_when_and_that_it_is_disconnected(number):
    built = association(link_context(), number, until=UNTIL)

    assert built["period"] == {"start": OPENED, "end": CLOSED}
    assert [codes(one) for one in built["statusReason"]] == [[(REASON, "disconnected")]]
    # Nobody knows whether the watch is still worn; a search for `attached` must not find it.
    assert codes(built["status"]) == [(STATUS, "unknown")]


def test_a_relinked_account_opens_the_same_association_again():
    closed = association(link_context(), WATCH, until=UNTIL)
    again = association(link_context(), WATCH, since=UNTIL + timedelta(days=3))

    assert again["id"] == closed["id"]
    assert again["period"] == {"start": "2026-11-23T18:05:00+00:00"}
    assert codes(again["status"]) == [(STATUS, "attached")]
    assert "statusReason" not in again


def held(**changes):
    """Give an association as a server answers it, with a note of the clinic's staff."""
    built = association(link_context())
    meta = {
        "versionId": "4",
        "lastUpdated": "2026-11-03T00:00:00Z",
        "source": built["meta"]["source"] + "#req1",
    }
    body = {"bodyStructure": {"display": "left wrist"}}
    return built | body | {"meta": built["meta"] | meta} | changes


def test_an_association_is_ended_as_it_stands_in_the_ehr():
    closed = ended(held(), UNTIL)

    assert closed["meta"] == association(link_context())["meta"]
    assert closed["period"] == {"start": OPENED, "end": CLOSED}
    assert closed["bodyStructure"] == {"display": "left wrist"}
    assert closed["id"] == association(link_context())["id"]


def test_ending_leaves_what_was_read_as_it_is():
    there = held()
    ended(there, UNTIL)

    assert there == held()


def test_ending_again_keeps_the_first_end():
    once = ended(held(), UNTIL)

    assert ended(once, UNTIL + timedelta(days=1)) == once


@pytest.mark.parametrize("status", ["entered-in-error", "explanted"])
def test_a_status_that_the_clinics_staff_gave_stays(status):
    staff = {"coding": [{"system": STATUS, "code": status}]}

    assert ended(held(status=staff), UNTIL)["status"] == staff


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-12-24T08:00:00+01:00", "2026-12-24T08:00:00+01:00"),
        ("2026-11-20T20:05:00+02:00", CLOSED),
        ("2026", CLOSED),
        (None, CLOSED),
    ],
)
def test_no_end_lies_before_the_start_that_the_ehr_holds(start, end):
    period = {"start": start} if start else {}

    assert ended(held(period=period), UNTIL)["period"] == period | {"end": end}


def test_a_consent_says_who_permits_what_from_whom_since_when():
    built = consent(link_context(), BODY, PRESSURE)

    assert built["status"] == "active"
    assert built["decision"] == "permit"
    assert built["subject"] == {"reference": "Patient/p1"}
    assert built["grantor"] == [{"reference": "Patient/p1"}]
    assert built["date"] == "2026-11-02"
    assert built["period"] == {"start": OPENED}
    assert [one["coding"][0]["code"] for one in built["category"]] == ["59284-0"]
    [provision] = built["provision"]
    assert [one["code"] for one in provision["resourceType"]] == ["Observation"]
    assert [one["text"] for one in provision["code"]] == [
        "weight, height and body composition",
        "blood pressure and pulse",
    ]
    assert [one["coding"][0]["code"] for one in provision["code"]] == [
        "withings.body",
        "withings.blood_pressure",
    ]


def test_a_consent_names_vendor_and_software_so_that_neither_must_be_there_first():
    [provision] = consent(link_context(), BODY)["provision"]
    vendor, software = (one["reference"] for one in provision["actor"])

    assert (vendor["display"], vendor["identifier"]["value"]) == ("Withings", "withings")
    assert software["identifier"]["value"] == "ohx-pipelines"
    assert not any("reference" in one for one in (vendor, software))


def test_a_withdrawn_consent_is_inactive_and_says_until_when_it_was_given():
    given = consent(link_context(), BODY)
    withdrawn = consent(link_context(), BODY, until=UNTIL)

    assert withdrawn["status"] == "inactive"
    assert withdrawn["period"] == {"start": OPENED, "end": CLOSED}
    assert {**withdrawn, "status": "active", "period": given["period"]} == given


def test_a_consent_of_which_the_data_types_were_chosen_anew_is_dated_by_that():
    built = consent(link_context(), BODY, PRESSURE, chosen=datetime(2026, 11, 9, 8, tzinfo=UTC))

    assert (built["date"], built["period"]) == ("2026-11-09", {"start": OPENED})


def test_a_consent_to_nothing_permits_nothing():
    built = consent(link_context())

    assert built["decision"] == "deny"
    assert "provision" not in built


def test_other_data_types_are_the_same_consent():
    assert consent(link_context(), BODY)["id"] == consent(link_context(), PRESSURE)["id"]


def test_a_withdrawal_is_never_dated_before_the_consent():
    built = consent(link_context(), BODY, until=SINCE - timedelta(seconds=1))

    assert built["period"] == {"start": OPENED, "end": OPENED}


def test_times_are_utc_to_the_second_wherever_they_come_from():
    berlin = datetime(2026, 11, 2, 10, 30, 15, 999999, tzinfo=timezone(timedelta(hours=1)))

    assert consent(link_context(), BODY, since=berlin)["period"] == {"start": OPENED}
    assert consent(link_context(), BODY, since=berlin)["date"] == "2026-11-02"


@pytest.mark.parametrize("build", [association, consent])
def test_a_time_without_a_zone_is_refused(build):
    with pytest.raises(ConfigurationError):
        build(link_context(), since=datetime(2026, 11, 2, 9))  # noqa: DTZ001


def test_the_first_second_of_a_day_in_utc_dates_the_consent():
    midnight = datetime(2026, 11, 2, tzinfo=UTC)

    assert consent(link_context(), BODY, since=midnight)["date"] == "2026-11-02"
