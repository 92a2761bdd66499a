"""One link over days: what is asked of the vendor, and how each day ends."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from ohx_pipelines.errors import (
    AuthLost,
    BreakerOpen,
    ConfigurationError,
    EhrConflict,
    EhrDown,
    EhrError,
    EhrRejected,
    Malformed,
    NotConsented,
    RateLimited,
    VendorDown,
    VendorError,
    VendorRejected,
)
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.measurements import Coded, Metric
from ohx_pipelines.outcomes import Outcome, Stage
from tests.unit.fhir.tables import changed
from tests.unit.made_up import (
    MadeUpEhr,
    MadeUpVendor,
    QuietBreaker,
    cuff,
    cuff_left_out,
    left_out,
    steps,
    weighing,
)
from tests.unit.one_link import MAPPING, NOW, WEEK, by_day, synced

CANARY = "CANARY-72.30"


@pytest.fixture
def vendor():
    return MadeUpVendor()


@pytest.fixture
def ehr():
    return MadeUpEhr()


@pytest.fixture
def breaker():
    return QuietBreaker()


@pytest.fixture
def consent():
    """What the patient shares at the moment."""
    return [frozenset({"everything"})]


@pytest.fixture
def run(vendor, ehr, breaker, consent):
    def run_sync(days, table=MAPPING):
        said = {"mapping": table, "consent": lambda: consent[0], "vendor_breaker": breaker}
        return synced(vendor, Publisher(ehr), days, **said)

    return run_sync


def failed(error, *, attempts=1):
    error.attempts = attempts
    return error


def stages_finished(result):
    return [stage.value for stage in Stage if result.finished(stage)]


def test_contiguous_days_are_fetched_in_one_go(run, vendor):
    run(WEEK)

    assert vendor.asked == [("ada", WEEK[0], WEEK[-1])]


def test_a_window_spans_no_more_days_than_the_vendor_allows(run, vendor):
    vendor.most_days = 3

    run(WEEK)

    assert [(first, last) for _, first, last in vendor.asked] == [
        (WEEK[0], WEEK[2]),
        (WEEK[3], WEEK[5]),
        (WEEK[6], WEEK[6]),
    ]


def test_days_apart_are_fetched_apart(run, vendor):
    run([WEEK[0], WEEK[1], WEEK[4]])

    assert [(first, last) for _, first, last in vendor.asked] == [
        (WEEK[0], WEEK[1]),
        (WEEK[4], WEEK[4]),
    ]


def test_each_day_has_one_result_in_order_however_it_was_asked_for(run, vendor):
    vendor.most_days = 2
    asked = [WEEK[3], WEEK[0], WEEK[6], WEEK[1], WEEK[3], WEEK[2]]

    assert [result.day for result in run(asked)] == [*WEEK[:4], WEEK[6]]


def test_a_reading_is_created_once_and_left_alone_the_second_time(run, vendor, ehr):
    vendor.rows = [weighing(WEEK[0]), weighing(WEEK[1]), *cuff(WEEK[1])]

    first, second = run(WEEK[:2]), run(WEEK[:2])

    assert [r.outcome for r in first + second] == [Outcome.SYNCED] * 4
    assert [r.counts.created for r in first] == [1, 2]
    assert [(r.counts.created, r.counts.updated, r.counts.unchanged) for r in second] == [
        (0, 0, 1),
        (0, 0, 2),
    ]
    # The scale and this software, one Provenance: the second time nothing changed.
    assert ehr.totals() == {
        "Observation": 3,
        "Device": 2,
        "DeviceDefinition": 1,
        "Provenance": 1,
    }


def test_a_changed_reading_is_updated(run, vendor):
    vendor.rows = [weighing(WEEK[0], "72.30")]
    run(WEEK[:1])
    vendor.rows = [weighing(WEEK[0], "72.40")]

    [result] = run(WEEK[:1])

    assert (result.counts.created, result.counts.updated) == (0, 1)


def test_rows_count_what_the_vendor_listed_and_observations_what_they_become(run, vendor):
    vendor.rows = [weighing(WEEK[0]), *cuff(WEEK[0])]

    [result] = run(WEEK[:1])

    assert (result.counts.rows, result.counts.observations) == (4, 2)


def test_a_failed_fetch_makes_every_day_of_the_window_red_at_fetched(run, vendor):
    vendor.most_days = 3
    vendor.rows = [weighing(day) for day in WEEK]
    vendor.fetch_errors[WEEK[4]] = failed(RateLimited("slow", status=601), attempts=4)

    results = by_day(run(WEEK))

    for day in WEEK[3:6]:
        result = results[day]
        assert (result.outcome, result.error, result.failed_stage) == (
            Outcome.RATE_LIMITED,
            "rate_limited",
            Stage.FETCHED,
        )
        assert (result.status, result.attempts) == (601, 4)
        assert stages_finished(result) == []
    for day in [*WEEK[:3], WEEK[6]]:
        assert results[day].outcome is Outcome.SYNCED


def test_missing_credentials_read_as_failure_not_as_an_empty_day(run, vendor):
    vendor.fetch_errors[None] = AuthLost(status=401)

    assert {result.outcome for result in run(WEEK)} == {Outcome.AUTH_LOST}


def test_a_failed_normalize_leaves_only_fetched_finished(run, vendor):
    vendor.rows = [weighing(day) for day in WEEK]
    vendor.normalize_error = Malformed("bad")

    results = run(WEEK)

    assert {result.outcome for result in results} == {Outcome.MALFORMED}
    assert {result.failed_stage for result in results} == {Stage.NORMALIZED}
    assert [stages_finished(result) for result in results] == [["fetched"]] * 7


@pytest.mark.parametrize("broken", ["read", "write"])
def test_an_ehr_that_fails_hurts_only_published(run, vendor, ehr, broken):
    vendor.rows = [weighing(WEEK[0]), weighing(WEEK[1]), weighing(WEEK[3])]
    vendor.unpublished = [left_out(WEEK[4], Metric.BODY_WEIGHT, held_back=True)]
    error = failed(EhrDown("down", status=503), attempts=3)
    if broken == "read":
        ehr.read_error = error
    else:
        ehr.write_errors["p1"] = error

    results = by_day(run(WEEK))

    for day in (WEEK[0], WEEK[1], WEEK[3]):
        assert (results[day].outcome, results[day].failed_stage) == (
            Outcome.EHR_DOWN,
            Stage.PUBLISHED,
        )
        # After two days that it could not take, an EHR is left alone.
        tried = broken == "read" or day != WEEK[3]
        assert (results[day].status, results[day].attempts) == ((503, 3) if tried else (None, 0))
        assert stages_finished(results[day]) == ["fetched", "normalized"]
        assert (results[day].counts.rows, results[day].counts.observations) == (1, 1)
    # Whether something of a day was deleted is not known before the EHR was read.
    unread = {Outcome.EHR_DOWN} if broken == "read" else {Outcome.NO_DATA}
    assert {results[day].outcome for day in (WEEK[2], WEEK[5], WEEK[6])} == unread
    assert results[WEEK[4]].outcome is (Outcome.EHR_DOWN if broken == "read" else Outcome.SYNCED)
    assert ehr.totals()["Observation"] == 0


def test_a_day_that_cannot_be_published_costs_no_other_day(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK]
    ehr.write_errors[WEEK[2]] = EhrDown(status=500)

    results = by_day(run(WEEK))

    assert [day for day in WEEK if results[day].outcome is not Outcome.SYNCED] == [WEEK[2]]


def test_an_ehr_is_read_once_for_a_window_in_which_the_vendor_lists_nothing(run, ehr):
    assert {result.outcome for result in run(WEEK)} == {Outcome.NO_DATA}
    assert ehr.log == [("read", "Observation")]


def test_an_ehr_is_not_asked_when_nothing_was_listed_whole_and_nothing_is_there(run, vendor, ehr):
    ehr.read_error = EhrDown(status=503)
    vendor.listed = frozenset()

    assert {result.outcome for result in run(WEEK)} == {Outcome.NO_DATA}
    assert ehr.log == []


def test_a_day_without_a_row_after_a_complete_listing_is_no_data_and_green(run, vendor):
    [result] = run(WEEK[:1])

    assert (result.outcome, result.outcome.ok) == (Outcome.NO_DATA, True)
    assert stages_finished(result) == ["fetched", "normalized", "published"]


@pytest.mark.parametrize("held_back", [True, False])
def test_a_day_with_only_left_out_readings_is_synced_not_no_data(run, vendor, held_back):
    vendor.unpublished = [left_out(WEEK[0], Metric.BODY_WEIGHT, held_back=held_back)]

    [result] = run(WEEK[:1])

    assert result.outcome is Outcome.SYNCED
    assert (result.counts.rows, result.counts.observations) == (1, 0)


def test_ignored_rows_are_counted_on_their_own_day_by_reason_and_fail_nothing(run, vendor):
    vendor.rows = [weighing(WEEK[0])]
    vendor.ignored = {WEEK[0]: {"unmapped_type_71": 2, "copy": 1}, WEEK[1]: {"unmapped_type_91": 1}}

    first, second, third = run(WEEK[:3])

    assert (first.outcome, first.counts.rows, first.counts.rejected) == (Outcome.SYNCED, 4, 0)
    assert first.reasons == {"unmapped_type_71": 2, "copy": 1}
    assert (second.counts.rows, second.counts.observations) == (1, 0)
    assert second.reasons == {"unmapped_type_91": 1}
    assert (third.outcome, third.reasons) == (Outcome.NO_DATA, {})


def test_a_day_with_only_ignored_rows_is_synced(run, vendor, ehr):
    vendor.rows = [weighing(WEEK[1])]
    vendor.ignored = {WEEK[0]: {"unmapped_type_71": 1}}
    ehr.write_errors["p1"] = EhrDown(status=503)

    ignored, hurt = run(WEEK[:2])

    assert (ignored.outcome, ignored.reasons) == (Outcome.SYNCED, {"unmapped_type_71": 1})
    assert hurt.outcome is Outcome.EHR_DOWN


@pytest.mark.parametrize("held_back", [True, False])
def test_a_blood_pressure_of_three_rows_that_is_left_out_counts_as_one_observation(
    run, vendor, held_back
):
    vendor.rows = [weighing(WEEK[0])]
    vendor.unpublished = cuff_left_out(WEEK[0], held_back=held_back)

    [result] = run(WEEK[:1])

    counted = {True: (1, 0), False: (0, 1)}[held_back]
    assert (result.counts.held_back, result.counts.rejected) == counted
    assert result.counts.rows == 4


def test_held_back_and_rejected_readings_are_counted_on_their_own_day_by_reason(run, vendor):
    vendor.unpublished = [
        left_out(WEEK[0], Metric.BODY_WEIGHT, held_back=True, reason="ambiguous", group="a"),
        left_out(WEEK[0], Metric.BODY_WEIGHT, held_back=True, reason="ambiguous", group="b"),
        left_out(WEEK[0], None, held_back=False, reason="no_value", group="c"),
        left_out(WEEK[1], Metric.BODY_WEIGHT, held_back=False, reason="future", group="d"),
    ]

    first, second = run(WEEK[:2])

    assert (first.counts.held_back, first.counts.rejected) == (2, 1)
    assert first.reasons == {"ambiguous": 2, "no_value": 1}
    assert (second.counts.held_back, second.counts.rejected) == (0, 1)
    assert second.reasons == {"future": 1}


def test_a_reading_that_the_mapping_cannot_build_costs_neither_its_day_nor_its_window(
    run, vendor, ehr
):
    odd = replace(weighing(WEEK[1], "11", record="2", hour=9), unit="stone")
    half = replace(cuff(WEEK[2])[0], unit="bar")
    vendor.rows = [weighing(WEEK[0]), weighing(WEEK[1]), odd, half, *cuff(WEEK[2])[1:]]

    first, second, third = run(WEEK[:3])

    assert (first.outcome, first.counts.created, first.reasons) == (Outcome.SYNCED, 1, {})
    assert (second.outcome, second.reasons) == (Outcome.SYNCED, {"unit_not_mapped": 1})
    assert (second.counts.rows, second.counts.created, second.counts.rejected) == (2, 1, 1)
    # Half a blood pressure is none: three readings, one Observation.
    assert (third.outcome, third.reasons) == (Outcome.SYNCED, {"unit_not_mapped": 3})
    assert (third.counts.rows, third.counts.observations, third.counts.rejected) == (3, 0, 1)
    assert ehr.totals()["Observation"] == 2


def test_what_a_site_has_disabled_is_counted_as_ignored_and_fails_nothing(run, vendor, ehr):
    stage = replace(
        weighing(WEEK[0], record="2"),
        metric=Metric.SLEEP_STAGE,
        value=Coded("deep"),
        unit=None,
        end=datetime.combine(WEEK[0], time(8), UTC),
        end_offset_minutes=60,
    )
    vendor.rows = [stage, weighing(WEEK[1]), replace(stage, day=WEEK[1], record="3")]

    first, second = run(WEEK[:2])

    assert (first.outcome, first.reasons) == (Outcome.SYNCED, {"disabled": 1})
    assert (first.counts.rows, first.counts.observations, first.counts.rejected) == (1, 0, 0)
    assert (second.outcome, second.counts.created) == (Outcome.SYNCED, 1)
    assert second.reasons == {"disabled": 1}
    assert second.counts.held_back == second.counts.rejected == 0


def test_a_day_that_has_not_ended_is_preliminary_and_final_when_it_has(run, vendor, ehr):
    today = NOW.date()
    vendor.rows = [steps(today - timedelta(days=1)), steps(today)]

    run([today - timedelta(days=1), today])

    held = [one for (kind, _), one in ehr.held.items() if kind == "Observation"]
    assert sorted((one["effectivePeriod"]["start"][:10], one["status"]) for one in held) == [
        ("2026-11-23", "final"),
        ("2026-11-24", "preliminary"),
    ]


def test_a_day_that_a_site_wants_left_out_until_it_has_ended_is_green_and_rejects_nothing(
    run, vendor, ehr
):
    vendor.rows = [steps(NOW.date())]

    [result] = run([NOW.date()], table=changed(MAPPING, Metric.STEPS_PER_DAY, open_day="omit"))

    assert (result.outcome, result.reasons) == (Outcome.SYNCED, {"open_day": 1})
    assert (result.counts.rows, result.counts.observations, result.counts.rejected) == (1, 0, 0)
    assert ehr.totals()["Observation"] == 0


def test_entries_that_the_ehr_refuses_make_the_day_red_and_keep_the_counts_of_the_others(
    run, vendor, ehr
):
    vendor.rows = [weighing(WEEK[0]), weighing(WEEK[1])]
    vendor.unpublished = [
        *cuff_left_out(WEEK[0], held_back=True),
        left_out(WEEK[0], Metric.FAT_RATIO, held_back=False, reason="no_value", group="x"),
    ]
    ehr.refused[WEEK[0]] = 422

    refused, fine = run(WEEK[:2])

    assert (refused.outcome, refused.failed_stage) == (Outcome.EHR_REJECTED, Stage.PUBLISHED)
    assert refused.status == 422
    assert refused.reasons == {"ambiguous": 3, "no_value": 1, "ehr_value/structure": 1}
    assert (refused.counts.created, refused.counts.held_back, refused.counts.rejected) == (0, 1, 2)
    assert (fine.outcome, fine.counts.created) == (Outcome.SYNCED, 1)


def test_one_refused_entry_leaves_the_other_entries_of_its_day_written(run, vendor, ehr):
    vendor.rows = [weighing(WEEK[0], record="1"), *cuff(WEEK[0])]
    run(WEEK[:1])
    vendor.rows.append(weighing(WEEK[0], record="2", hour=9))
    ehr.refused[WEEK[0]] = 422

    [result] = run(WEEK[:1])

    assert result.outcome is Outcome.EHR_REJECTED
    assert (result.counts.unchanged, result.counts.rejected) == (2, 1)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (VendorError(), Outcome.VENDOR_DOWN),
        (AuthLost(), Outcome.AUTH_LOST),
        (RateLimited(), Outcome.RATE_LIMITED),
        (VendorDown(), Outcome.VENDOR_DOWN),
        (VendorRejected(), Outcome.VENDOR_REJECTED),
        (Malformed(), Outcome.MALFORMED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_of_a_vendor_is_an_outcome_of_its_own(run, vendor, error, outcome):
    vendor.fetch_errors[None] = error

    [result] = run(WEEK[:1])

    assert (result.outcome, result.error) == (outcome, outcome.value)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (EhrError(), Outcome.EHR_DOWN),
        (EhrDown(), Outcome.EHR_DOWN),
        (EhrConflict(), Outcome.EHR_REJECTED),
        (EhrRejected(), Outcome.EHR_REJECTED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_of_an_ehr_is_an_outcome_of_its_own(run, vendor, ehr, error, outcome):
    vendor.rows = [weighing(WEEK[0])]
    ehr.read_error = error

    [result] = run(WEEK[:1])

    assert (result.outcome, result.error, result.failed_stage) == (
        outcome,
        outcome.value,
        Stage.PUBLISHED,
    )


class Odd(Exception):
    """A surprise whose text holds a reading."""


@pytest.mark.parametrize(
    ("error", "named"), [(Odd(CANARY), "Odd"), (ConfigurationError(CANARY), "configuration")]
)
def test_an_error_that_nobody_foresaw_is_internal_and_named_without_its_text(
    run, vendor, error, named
):
    vendor.fetch_errors[None] = error

    [result] = run(WEEK[:1])

    assert (result.outcome, result.error, result.status) == (Outcome.INTERNAL, named, None)
    assert not result.outcome.ok


@pytest.mark.parametrize("kind", [Odd, KeyError, VendorDown, Malformed])
@pytest.mark.parametrize("place", ["fetch", "normalize"])
def test_no_text_of_a_vendors_exception_is_in_any_result(run, vendor, kind, place):
    if place == "fetch":
        vendor.fetch_errors[None] = kind(CANARY)
    else:
        vendor.normalize_error = kind(CANARY)

    results = run(WEEK)

    assert all(not result.outcome.ok for result in results)
    assert "CANARY" not in repr(results)


@pytest.mark.parametrize("kind", [Odd, KeyError, EhrDown, EhrRejected])
@pytest.mark.parametrize("place", ["read", "write", "answer"])
def test_no_text_of_an_ehrs_exception_or_answer_is_in_any_result(run, vendor, ehr, kind, place):
    vendor.rows = [weighing(day) for day in WEEK]
    if place == "read":
        ehr.read_error = kind(CANARY)
    elif place == "write":
        ehr.write_errors["p1"] = kind(CANARY)
    else:
        ehr.refused |= dict.fromkeys(WEEK, 422)

    results = run(WEEK)

    assert all(not result.outcome.ok for result in results)
    assert "CANARY" not in repr(results)


def test_after_the_tokens_are_refused_no_further_window_is_fetched(run, vendor):
    vendor.most_days = 2
    vendor.fetch_errors[WEEK[2]] = AuthLost(status=401)

    results = run(WEEK)

    assert [first for _, first, _ in vendor.asked] == [WEEK[0], WEEK[2]]
    assert [r.outcome for r in results] == [Outcome.NO_DATA] * 2 + [Outcome.AUTH_LOST] * 5
    assert {(r.status, r.failed_stage) for r in results[2:]} == {(401, Stage.FETCHED)}


def test_any_other_failure_does_not_keep_the_next_window_from_being_fetched(run, vendor):
    vendor.most_days = 2
    vendor.fetch_errors[WEEK[0]] = VendorDown(status=503)

    results = run(WEEK[:4])

    assert [r.outcome for r in results] == [Outcome.VENDOR_DOWN] * 2 + [Outcome.NO_DATA] * 2


def test_devices_are_written_before_the_observations_that_name_them(run, vendor, ehr):
    vendor.rows = [weighing(WEEK[0]), weighing(WEEK[1])]

    run(WEEK)

    writes = [kind for action, kind in ehr.log if action == "write"]
    assert writes == [
        *("DeviceDefinition", "Device", "Device"),
        *("Observation", "Observation", "Provenance"),
    ]


def test_the_seconds_of_a_window_are_shared_by_its_days(run, vendor):
    vendor.pause_seconds = 0.07

    results = run(WEEK)

    assert sum(result.seconds for result in results) >= 0.07
    assert len({result.seconds for result in results}) == 1


@pytest.mark.parametrize(
    ("error", "noted"),
    [
        (None, "answered"),
        (AuthLost(), "answered"),
        (VendorRejected(), "answered"),
        (VendorDown(), "vendor_down"),
        (RateLimited(), "rate_limited"),
        (Malformed(), None),
        (NotConsented(), None),
    ],
)
def test_the_breaker_hears_whether_the_vendor_answered(run, vendor, breaker, error, noted):
    if error:
        vendor.fetch_errors[None] = error

    run(WEEK)

    assert breaker.noted == ([noted] if noted else [])


@pytest.mark.parametrize("code", ["vendor_down", "rate_limited"])
def test_while_the_breaker_is_open_nothing_is_asked_and_the_days_say_why(
    run, vendor, breaker, monkeypatch, code
):
    def leave_alone():
        raise BreakerOpen(code)

    monkeypatch.setattr(breaker, "check", leave_alone)

    results = run(WEEK)

    assert vendor.asked == []
    assert {(r.outcome, r.error, r.failed_stage, r.attempts) for r in results} == {
        (Outcome(code), "breaker_open", Stage.FETCHED, 0)
    }


def test_two_days_in_a_row_that_an_ehr_cannot_take_leave_the_rest_alone_and_others_do_not(
    run, vendor, ehr
):
    vendor.rows = [weighing(day) for day in WEEK]
    for day in (WEEK[0], WEEK[2], WEEK[4], WEEK[5]):
        ehr.write_errors[day] = failed(EhrDown("down", status=503), attempts=3)

    results = by_day(run(WEEK))

    green = {day for day, result in results.items() if result.outcome.ok}
    assert green == {WEEK[1], WEEK[3]}
    assert [results[day].error for day in WEEK[4:]] == ["ehr_down", "ehr_down", "breaker_open"]


def test_nothing_is_written_once_the_patient_has_disconnected(run, vendor, ehr, consent):
    vendor.rows = [weighing(WEEK[0])]
    vendor.while_fetching = lambda: consent.__setitem__(0, frozenset())

    results = by_day(run(WEEK))

    assert (results[WEEK[0]].outcome, results[WEEK[0]].failed_stage) == (
        Outcome.NOT_CONSENTED,
        Stage.PUBLISHED,
    )
    assert ehr.totals()["Observation"] == 0


def test_nothing_is_asked_of_the_vendor_when_nothing_is_shared(run, vendor, consent):
    consent[0] = frozenset()

    results = run(WEEK)

    assert {result.outcome for result in results} == {Outcome.NOT_CONSENTED}
    assert vendor.asked == []
