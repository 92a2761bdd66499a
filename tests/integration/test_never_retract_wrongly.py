"""Nothing is retracted that the vendor lists, whatever goes wrong; what is deleted is, and says why.

The sandbox's vendor and EHR as processes, the product's client, sync and store between them. Once
each trouble is over the independent reader finds no difference, versions and provenance among it.
"""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests
from tenacity import wait_none

from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.providers.withings import client
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS
from tests.integration.listing_faults import (
    BROKEN_OFF,
    CUT_AGAIN,
    FURTHER,
    MORE_THAN_THERE_IS,
    ODD_ONCE,
    SECOND,
    Odd,
)
from tests.integration.retraction_scene import Scene
from tests.sandbox_process import running_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

GREEN = {"synced", "no_data"}
PANEL = "85354-9"
WEIGHT, PRESSURES = 1, {9, 10}
WHO = "engineer"


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*SANDBOX_ARGUMENTS, "--people", "180") as running:
        running.post("withings/settings", duplicate_guard=False, rate_limit=100_000, page_size=5)
        yield running


@pytest.fixture(scope="module")
def people(sandbox):
    return list(sandbox.people)


@pytest.fixture(autouse=True)
def tries_at_once(monkeypatch):
    monkeypatch.setattr(client, "_backoff", wait_none())


@pytest.fixture
def days():
    """Three days that have ended in every zone, oldest first, with what people measure by habit."""
    last = (datetime.now(UTC) - timedelta(hours=12)).date() - timedelta(days=1)
    return [last - timedelta(days=n) for n in (2, 1, 0)]


@pytest.fixture
def empty_days():
    """Three days on which nobody had an account yet: of them a test has what it adds alone."""
    last = datetime.now(UTC).date() - timedelta(days=420)
    return [last - timedelta(days=n) for n in (2, 1, 0)]


def opened(store, sandbox, people, days, kinds=frozenset()):
    """The scene of somebody whom no other test has taken, with readings of these kinds."""
    sandbox.post("faults/clear")
    while people:
        scene = Scene(store, sandbox, people.pop(), days)
        sure = [row for row in scene.rows() if row["attrib"] == 0]
        if kinds <= {one["type"] for row in sure for one in row["measures"]}:
            return scene
        scene.close()
    raise AssertionError(kinds)


@pytest.fixture
def empty(store, sandbox, people, empty_days):
    scene = opened(store, sandbox, people, empty_days)
    yield scene
    scene.close()


@pytest.fixture
def scene(store, sandbox, people, days):
    """Days of habit, and three weighings more on each, all of it published."""
    scene = opened(store, sandbox, people, days, {WEIGHT, *PRESSURES})
    scene.added = {day: [scene.weigh(day, hour=hour) for hour in (9, 12, 15)] for day in days}
    publish(scene)
    yield scene
    scene.close()


def publish(scene):
    assert outcomes(scene.run()) <= GREEN
    report = scene.judge()
    assert report["differences"] == 0, str(report)
    assert scene.retracted() == set()


def outcomes(results):
    return {result.outcome.value for result in results.values()}


def total(results, name):
    return sum(getattr(result.counts, name) for result in results.values())


def assert_nothing_went(scene):
    found = scene.observations()
    assert {(one["status"], one["meta"]["versionId"]) for one in found} == {("final", "1")}


def assert_only_these_go(scene, *grpids):
    """Once nothing is in the way: the deleted ones, as the independent reader sees it too."""
    scene.sandbox.post("faults/clear")
    results = scene.run()
    assert outcomes(results) <= GREEN
    assert scene.retracted() == {str(one) for one in grpids}
    report = scene.judge()
    assert report["differences"] == 0, str(report)
    again = scene.run()
    assert [total(again, name) for name in ("created", "updated", "retracted")] == [0, 0, 0]


def fill(scene, count):
    """Publish so many weighings, spread over the days; gives their numbers, the first day's first."""
    grpids = [
        scene.weigh(scene.days[n * len(scene.days) // count], hour=n * 3 // count + 8)
        for n in range(count)
    ]
    publish(scene)
    return grpids


def first_panel(scene):
    """The vendor's record of a blood pressure that stands in the chart."""
    rows = {str(row["grpid"]) for row in scene.rows()}
    panels = (
        one["identifier"][0]["value"].split(".")[0]
        for one in scene.observations()
        if one["code"]["coding"][0]["code"] == PANEL
    )
    return int(next(one for one in panels if one in rows))


# --- A listing that broke off -------------------------------------------------------------------


@pytest.mark.parametrize("row", BROKEN_OFF.values(), ids=BROKEN_OFF.keys())
def test_a_listing_that_broke_off_proves_no_deletion(empty, empty_days, row):
    # With one of eight gone there are still two pages.
    deleted = fill(empty, 8)[3]
    empty.delete(deleted)
    for place in row.places:
        if place == SECOND:
            empty.vendor.before[2] = lambda: empty.fault(row.order)
        else:
            empty.fault(row.order | ({"page": "further"} if place == FURTHER else {}))

        results = empty.run()

        struck = empty_days[1:2] if place == SECOND else empty_days
        expected = dict.fromkeys(empty_days, "synced") | dict.fromkeys(struck, row.outcome)
        assert {day: one.outcome.value for day, one in results.items()} == expected, place
        assert_nothing_went(empty)
        empty.sandbox.post("faults/clear")

    assert_only_these_go(empty, deleted)


@pytest.mark.parametrize("odd", ODD_ONCE.values(), ids=ODD_ONCE.keys())
def test_a_row_that_one_of_two_listings_lacks_is_not_retracted(scene, days, odd):
    deleted = scene.added[days[0]][1]
    scene.delete(deleted)
    scene.fault(odd.order)

    scene.run()

    assert scene.retracted() <= {str(deleted)}
    assert_only_these_go(scene, deleted)


@pytest.mark.parametrize("odd", CUT_AGAIN.values(), ids=CUT_AGAIN.keys())
def test_a_listing_that_is_cut_again_and_again_retracts_nothing(empty, empty_days, odd):
    """Two listings agree then: what is missing is all that is older than what is listed."""
    for day in empty_days:
        for hour in (8, 11, 14, 17):
            empty.weigh(day, hour=hour)
    publish(empty)
    empty.fault(odd.order)

    empty.run()

    assert_nothing_went(empty)
    assert_only_these_go(empty)


@pytest.mark.parametrize("once", [True, False])
def test_a_vendor_that_suddenly_lists_nothing_retracts_nothing(scene, once):
    scene.fault(Odd("empty_listing", once=once).order)

    results = scene.run()

    assert outcomes(results) == {"retraction_held"} or once
    assert_nothing_went(scene)
    assert_only_these_go(scene)


def test_two_readings_that_one_listing_lacks_stay(empty, empty_days):
    """Two are too few to be held: here the second listing alone saves them."""
    grpids = [empty.weigh(day) for day in empty_days[:2]]
    publish(empty)
    empty.fault(Odd("empty_listing", once=True).order)

    empty.run()

    assert_nothing_went(empty)
    empty.delete(*grpids)
    assert_only_these_go(empty, *grpids)


@pytest.mark.parametrize("odd", MORE_THAN_THERE_IS.values(), ids=MORE_THAN_THERE_IS.keys())
def test_what_comes_to_a_listing_keeps_no_deletion_from_being_seen(scene, days, odd):
    deleted = scene.added[days[2]][2]
    scene.delete(deleted)
    scene.fault(odd.order)

    scene.run()

    assert scene.retracted() == {str(deleted)}
    assert_only_these_go(scene, deleted)


def test_a_record_that_cannot_be_placed_may_be_the_one_that_is_missing(scene, days):
    deleted = scene.added[days[1]][1]
    scene.delete(deleted)
    scene.fault(Odd("bad_record").order)

    scene.run()

    assert_nothing_went(scene)
    assert_only_these_go(scene, deleted)


# --- Less is asked for than before --------------------------------------------------------------


def test_scopes_that_shrank_retract_nothing(scene, days):
    deleted = scene.added[days[0]][0]
    scene.delete(deleted)
    scene.carried.expire()
    scene.fault({"target": "withings", "kind": "reduced_scope"})

    assert outcomes(scene.run()) == {"not_consented"}
    assert_nothing_went(scene)

    scene.sandbox.post("faults/clear")
    assert scene.carried.link(scene.person).id == scene.link
    assert_only_these_go(scene, deleted)


def test_data_types_that_are_no_longer_shared_stay(scene, days):
    pressure = first_panel(scene)
    weight = scene.added[days[0]][0]
    scene.delete(pressure, weight)
    scene.store.share(scene.link, ["blood_pressure"], who=WHO)
    scene.vendor.before[2] = lambda: scene.store.share(scene.link, ["body"], who=WHO)
    # A choice that changes between the two listings proves neither.
    scene.run()
    assert_nothing_went(scene)

    scene.run()
    assert scene.retracted() == {str(weight)}

    scene.store.share(scene.link, ["body", "blood_pressure"], who=WHO)
    assert_only_these_go(scene, weight, pressure)


def test_what_the_table_no_longer_publishes_stays(scene, tmp_path):
    pressure = first_panel(scene)
    scene.delete(pressure)
    overlay = tmp_path / "site.yaml"
    # Without their panel its parts would stand alone.
    parts = ("systolic_blood_pressure", "diastolic_blood_pressure", "heart_rate")
    disabled = "".join(f"  {name}:\n    enabled: false\n" for name in parts)
    overlay.write_text(f"metrics:\n{disabled}panels:\n  blood_pressure:\n    enabled: false\n")

    scene.run(mapping=load_mapping(overlay))

    assert_nothing_went(scene)
    assert_only_these_go(scene, pressure)


def test_a_smaller_window_retracts_nothing_outside_of_it(scene, days):
    gone = [scene.added[day][0] for day in days]
    scene.delete(*gone)

    scene.run(days[1:2])

    assert scene.retracted() == {str(gone[1])}
    assert_only_these_go(scene, *gone)


# --- Still listed, though not published ---------------------------------------------------------


@pytest.mark.parametrize("attrib", [1, 17])
def test_a_reading_of_which_the_vendor_is_no_longer_sure_stays(scene, days, attrib):
    doubtful, deleted = scene.added[days[0]][0], scene.added[days[1]][0]
    scene.edit(doubtful, attrib=attrib)
    scene.delete(deleted)

    results = scene.run()

    assert results[days[0]].counts.held_back >= 1
    assert scene.retracted() == {str(deleted)}
    scene.edit(doubtful, attrib=0)
    assert_only_these_go(scene, deleted)
    assert [one["meta"]["versionId"] for one in scene.of(doubtful)] == ["1"]


def test_a_reading_that_cannot_be_read_any_more_stays(scene, days):
    """The vendor's exponent makes no number: the reading is rejected, and listed."""
    unreadable = scene.added[days[0]][0]
    scene.edit(unreadable, value=70, unit=40)

    results = scene.run()

    assert results[days[0]].counts.rejected == 1
    assert_nothing_went(scene)
    scene.edit(unreadable, value=71_900, unit=-3)
    assert_only_these_go(scene)


def test_a_copy_that_is_attributed_later_leaves_the_taking_in_the_chart_once(scene, days):
    """The vendor lists a taking under two numbers, and was not sure of the first one."""
    first = scene.weigh(days[1], hour=18, attrib=1)
    [row] = [one for one in scene.rows(days[1]) if one["grpid"] == first]
    [measure] = row["measures"]
    reading = {name: measure[name] for name in ("type", "value", "unit")}
    second = scene.weigh_at(row["date"], **reading)
    scene.run()
    assert [one["status"] for one in scene.of(second)] == ["final"]
    assert scene.of(first) == []

    scene.edit(first, attrib=0)
    scene.run()

    valid = [one for one in (*scene.of(first), *scene.of(second)) if one["status"] == "final"]
    assert len(valid) == 1


# --- What others wrote --------------------------------------------------------------------------


def test_what_another_system_wrote_stays_also_with_our_identifiers(scene, days):
    deleted = scene.added[days[0]][0]
    [ours] = scene.of(deleted)
    labels = {name: ours["meta"][name] for name in ("source", "tag")}
    without_identifier = {name: part for name, part in ours.items() if name != "identifier"}
    of_another_record = ours["identifier"][0] | {"value": "77.body_weight.0"}
    theirs = [
        post(scene, ours),
        # Whoever copies all of it copies our labels too.
        post(scene, ours, meta=labels),
        post(scene, without_identifier),
        post(scene, ours | {"identifier": [of_another_record]}, meta=labels),
    ]
    scene.delete(deleted)

    scene.run()

    assert scene.chart_of(ours["id"])["status"] == "entered-in-error"
    for one in theirs:
        there = scene.chart_of(one)
        assert (there["status"], there["meta"]["versionId"]) == ("final", "1")
        requests.delete(scene.address(f"Observation/{one}"), timeout=10).raise_for_status()
    assert_only_these_go(scene, deleted)


def post(scene, resource, **meta):
    """Write a copy of a resource, as another system does; gives its id."""
    body = {name: part for name, part in resource.items() if name not in {"id", "meta"}} | meta
    answer = requests.post(
        scene.address("Observation"),
        data=json.dumps(body, default=float),
        headers={"Content-Type": "application/fhir+json"},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["id"]


# --- The vendor's list changes while it is read -------------------------------------------------


def test_a_reading_deleted_between_the_two_listings_goes_with_the_next_sync(scene, days):
    deleted, later = scene.added[days[0]][0], scene.added[days[1]][0]
    scene.delete(deleted)
    scene.vendor.before[2] = lambda: scene.delete(later)

    scene.run()

    assert scene.retracted() == {str(deleted)}
    assert_only_these_go(scene, deleted, later)


def test_a_reading_added_or_edited_between_the_two_listings_is_not_lost(scene, days):
    deleted, edited = scene.added[days[0]][0], scene.added[days[1]][0]
    scene.delete(deleted)
    new = []

    def change():
        new.append(scene.weigh(days[2], hour=20))
        scene.edit(edited, value=69_900)

    scene.vendor.before[2] = change

    scene.run()

    assert scene.retracted() == {str(deleted)}
    assert_only_these_go(scene, deleted)
    assert [one["status"] for one in scene.of(new[0])] == ["final"]
    assert [one["status"] for one in scene.of(edited)] == ["corrected"]


def test_a_reading_that_the_second_listing_holds_with_another_value_stays(empty):
    newest = fill(empty, 6)[-1]
    empty.fault(Odd("skipped_row", "first", once=True).order)
    empty.vendor.before[2] = lambda: empty.edit(newest, value=70_500)

    empty.run()

    assert_nothing_went(empty)
    assert_only_these_go(empty)
    assert [one["status"] for one in empty.of(newest)] == ["corrected"]


# --- Too many at once ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "deleted", "is_held"),
    [
        (2, 2, False),
        (3, 3, True),
        (4, 1, False),
        (30, 21, True),
        (49, 5, False),
        (50, 6, True),
    ],
)
def test_too_many_at_once_are_held_until_somebody_looked(empty, published, deleted, is_held):
    grpids = fill(empty, published)
    # Here and there, as a hand picks them.
    gone = sorted(grpids, key=lambda one: one % 7)[:deleted]
    empty.delete(*gone)

    results = empty.run()

    assert ("retraction_held" in outcomes(results)) is is_held
    assert total(results, "retraction_held") == (deleted if is_held else 0)
    assert empty.retracted() == (set() if is_held else {str(one) for one in gone})
    held = empty.store.held_retractions(empty.link)
    assert sum(one.count for one in held) == (deleted if is_held else 0)
    empty.store.confirm_retractions(empty.link, {o.day: o.count for o in held}, who=WHO)
    assert_only_these_go(empty, *gone)


def test_while_retractions_are_held_the_rest_goes_out_and_a_word_frees_them(empty, empty_days):
    grpids = fill(empty, 9)
    empty.delete(*grpids[:8])
    empty.edit(grpids[8], value=71_234)
    new = empty.weigh(empty_days[0], hour=21)
    # The last one as well, in another sync: then nothing is left of what stood.
    assert outcomes(empty.run()) <= GREEN | {"retraction_held"}
    assert [one["status"] for one in empty.of(new)] == ["final"]
    assert [one["status"] for one in empty.of(grpids[8])] == ["corrected"]


def test_a_confirmation_holds_for_as_many_as_were_looked_at_and_is_used_up(empty, empty_days):
    grpids = fill(empty, 9)
    new = empty.weigh(empty_days[1], hour=21)
    empty.delete(*grpids)
    # All that stood is gone, although the vendor lists something new.
    results = empty.run()
    assert outcomes(results) == {"retraction_held"}
    assert empty.retracted() == set()
    assert [one["status"] for one in empty.of(new)] == ["final"]
    # The reader must have seen it, to know that it stood.
    empty.judge()
    held = {one.day: one.count for one in empty.store.held_retractions(empty.link)}
    assert held == dict.fromkeys(empty_days, 3)

    fewer = {empty_days[0]: 3, empty_days[1]: 2}
    empty.store.confirm_retractions(empty.link, fewer, who=WHO)
    empty.delete(new)
    results = empty.run()

    assert [results[day].outcome.value for day in empty_days] == [
        "synced",
        "retraction_held",
        "retraction_held",
    ]
    assert empty.retracted() == {str(one) for one in grpids[:3]}
    assert empty.store.confirmed_retractions(empty.link) == {empty_days[1]: 2}

    empty.store.confirm_retractions(empty.link, {empty_days[1]: 4, empty_days[2]: 3}, who=WHO)
    assert_only_these_go(empty, *grpids, new)
    assert empty.store.confirmed_retractions(empty.link) == {}


def test_a_confirmation_does_not_believe_a_single_listing(empty, empty_days):
    fill(empty, 9)
    empty.store.confirm_retractions(empty.link, dict.fromkeys(empty_days, 3), who=WHO)
    empty.fault(Odd("empty_listing", once=True).order)

    empty.run()

    assert_nothing_went(empty)
    assert_only_these_go(empty)


# --- Real deletions and corrections, and what is told of them -----------------------------------


@pytest.mark.parametrize("mode", ["put-id", "conditional-update", "conditional-create"])
def test_a_deleted_reading_is_a_second_version_that_says_why(empty, mode):
    scene = empty
    scene.in_mode(mode)
    grpids = fill(scene, 6)
    [before] = scene.of(grpids[2])
    scene.delete(grpids[2])

    results = scene.run()

    told_in = scene.run_id
    assert total(results, "retracted") == 1
    [after] = scene.of(grpids[2])
    assert not problems(after)
    versions = scene.history(after)
    assert [(one["meta"]["versionId"], one["status"]) for one in versions] == [
        ("1", "final"),
        ("2", "entered-in-error"),
    ]
    assert versions[1]["valueQuantity"] == versions[0]["valueQuantity"]
    assert after["effectiveDateTime"] == before["effectiveDateTime"]
    [first, second] = scene.provenances(after)
    assert_told(scene, first, activity="receive", run=None, former=None)
    former = f"Observation/{after['id']}/_history/1"
    assert_told(scene, second, activity="deprecate", run=told_in, former=("removal", former))
    assert_only_these_go(scene, grpids[2])


def test_an_edited_reading_is_a_second_version_that_says_why(scene, days):
    edited = scene.added[days[0]][0]
    scene.edit(edited, value=71_250)

    scene.run()

    told_in = scene.run_id
    [after] = scene.of(edited)
    assert not problems(after)
    versions = scene.history(after)
    assert [(one["meta"]["versionId"], one["status"]) for one in versions] == [
        ("1", "final"),
        ("2", "corrected"),
    ]
    assert after["valueQuantity"]["value"] == Decimal("71.25")
    [_, second] = scene.provenances(after)
    former = f"Observation/{after['id']}/_history/1"
    assert_told(scene, second, activity="amend", run=told_in, former=("revision", former))
    scene.edit(edited, value=71_750)
    scene.run()
    scene.delete(edited)
    assert scene.judge()["differences"] > 0
    scene.run()
    assert [one["status"] for one in scene.history(after)] == [
        "final",
        "corrected",
        "corrected",
        "entered-in-error",
    ]


def test_a_deleted_blood_pressure_goes_as_a_whole_and_stays_valid(scene):
    pressure = first_panel(scene)
    scene.delete(pressure)

    scene.run()

    [after] = scene.of(pressure)
    assert after["status"] == "entered-in-error"
    assert len(after["component"]) >= 2
    assert not problems(after)
    assert_only_these_go(scene, pressure)


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "drop_after_commit", "count": 1},
        {"kind": "drop", "count": 1},
        {"kind": "conflict", "status": 412, "count": 1},
        {"kind": "status", "status": 503, "count": 1},
    ],
    ids=lambda order: order["kind"],
)
def test_a_retraction_that_an_ehr_answers_badly_once_is_told_once(scene, days, order):
    deleted, edited = scene.added[days[0]][0], scene.added[days[1]][0]
    scene.delete(deleted)
    scene.edit(edited, value=71_250)
    scene.weigh(days[2], hour=20)
    scene.sandbox.post("faults", target="ehr", method="write", login=scene.person["login"], **order)

    scene.run()

    assert_only_these_go(scene, deleted)


@pytest.mark.parametrize("mode", ["put-id", "conditional-update", "conditional-create"])
def test_what_was_written_is_told_also_when_the_answer_was_lost(empty, empty_days, mode):
    """Without Provenance in the conditional modes, without its count in all of them."""
    empty.in_mode(mode)
    grpids = fill(empty, 8)
    empty.delete(grpids[3])
    empty.edit(grpids[5], value=71_250)
    empty.weigh(empty_days[2], hour=21)
    lost = {"kind": "drop_after_commit", "method": "write", "count": 1}
    empty.sandbox.post("faults", target="ehr", login=empty.person["login"], **lost)

    results = empty.run()

    assert_only_these_go(empty, grpids[3])
    assert [total(results, name) for name in ("created", "updated", "retracted")] == [1, 1, 1]


def test_what_a_clinician_does_between_reading_and_writing_is_kept(empty):
    """The vendor is asked again in between: whatever was read of the chart is old by then."""
    noted, marked, other, *_ = grpids = fill(empty, 8)
    empty.delete(noted, marked)
    empty.edit(other, value=71_250)
    seen = {"text": "seen at the clinic"}
    empty.vendor.before[2] = lambda: [
        change(empty, noted, note=[seen]),
        change(empty, marked, status="entered-in-error"),
        change(empty, other, note=[seen]),
    ]

    empty.run()

    found = {grpid: empty.of(grpid)[0] for grpid in grpids[:3]}
    assert [found[one]["status"] for one in grpids[:3]] == [
        "entered-in-error",
        "entered-in-error",
        "corrected",
    ]
    assert seen in found[noted]["note"]
    assert "note" not in found[marked]
    assert found[other]["note"] == [seen]
    assert not any(problems(one) for one in found.values())


def change(scene, grpid, **elements):
    """Write elements into an Observation, as an EHR's own page does."""
    [there] = scene.of(grpid)
    answer = requests.put(
        scene.address(f"Observation/{there['id']}"),
        data=json.dumps(there | elements, default=float),
        headers={"Content-Type": "application/fhir+json"},
        timeout=10,
    )
    answer.raise_for_status()


def assert_told(scene, provenance, *, activity, run, former):
    """The Provenance of R5 as a reader of the chart would check it."""
    assert not problems(provenance)
    assert provenance["activity"]["coding"][0]["code"] == activity
    assert provenance["patient"]["reference"] == f"Patient/{scene.person['patient_id']}"
    [agent] = provenance["agent"]
    device = scene.get(agent["who"]["reference"])
    assert device["category"][0]["coding"][0]["code"] == "software"
    said = {
        one["what"]["identifier"]["value"]
        for one in provenance["entity"]
        if "identifier" in one["what"]
    }
    assert {"withings", run or "withings"} <= said
    literal = [
        (one["role"], one["what"]["reference"])
        for one in provenance["entity"]
        if "reference" in one["what"]
    ]
    assert former is None or former in literal
