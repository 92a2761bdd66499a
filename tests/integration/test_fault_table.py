"""Every fault at every stage ends as the table says, and nothing is lost or doubled once it is over.

Belongs here: running the rows of `fault_table.py` against the real client, store and stand-ins.
"""

import itertools
from collections import Counter
from datetime import UTC, datetime, time, timedelta

import pytest

from ohx_pipelines.errors import VendorError
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.unlinking import finish_unlink
from tests.integration.carried import Carried, patience
from tests.integration.fault_table import GREEN, ROWS
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS, grant_of, save_link
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.slow

DAYS = 3
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*SANDBOX_ARGUMENTS, "--people", "24") as running:
        running.post("withings/settings", duplicate_guard=False, rate_limit=100_000, page_size=1000)
        yield running


@pytest.fixture
def carried(request, store, sandbox):
    sandbox.post("faults/clear")
    asked = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    order = asked["row"].order if "row" in asked else asked.get("order", {})
    carried = Carried(store, sandbox, timeout_seconds=patience(order))
    yield carried
    sandbox.post("faults/clear")
    carried.close()


@pytest.fixture
def days():
    """Three days that have ended in every zone, oldest first."""
    last = (datetime.now(UTC) - timedelta(hours=12)).date() - timedelta(days=1)
    return [last - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]


@pytest.fixture
def person(sandbox, days):
    """Somebody with something new to carry on each of the days."""
    person = sandbox.people[0]
    for day in days:
        weigh(sandbox, person, day)
    return person


def weigh(sandbox, person, day):
    """Add a reading that is like no other."""
    number = next(NUMBERS)
    moment = datetime.combine(day, time(12), UTC) + timedelta(seconds=number)
    change = {"type": 1, "value": 70_000 + number, "unit": -3, "date": int(moment.timestamp())}
    sandbox.post("readings/change", login=person["login"], action="add", **change)


def expect(row, results):
    assert len(results) == DAYS
    assert Outcome.NO_DATA not in {result.outcome for result in results}
    struck = [result for result in results if result.outcome.value == row.outcome]
    # What strikes single entries may leave a day alone, and what was written although nobody heard
    # of it may be found in its place; everything else strikes them all.
    spares = row.order["kind"] in {"entry_status", "drop_after_commit"} or (
        row.order["kind"] == "drip" and row.order.get("method") == "write"
    )
    assert len(struck) == DAYS or (spares and struck), results
    for result in struck:
        assert (result.failed_stage and result.failed_stage.value) == row.at
        if result.error == "breaker_open":
            # The third day of an EHR that was down for two, in both passes.
            assert (row.outcome, result.day) == ("ehr_down", results[-1].day)
            continue
        if row.tries is not None:
            assert result.attempts == row.tries
        if row.error is not None:
            assert result.error == row.error
        if row.status is not None:
            assert result.status == row.status
    assert row.reasons <= {reason for result in results for reason in result.reasons}


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_fault_ends_as_the_table_says_and_costs_nothing_once_it_is_over(
    carried, sandbox, person, days, row, count
):
    link = carried.link(person)
    if row.expired:
        carried.expire()
    sandbox.post("calls/reset")
    sandbox.post("faults", login=person["login"], **row.order)

    results = carried.run({link.id: days})

    expect(row, list(results.values()))
    count("fault table, rows by outcome", row.outcome)
    assert carried.store.link(link.id).state.value == row.state
    noted = carried.store.ledger(link.id)
    assert [entry.outcome for entry in noted] == [one.outcome for one in results.values()]
    calls = sandbox.calls()
    made = calls["withings"] | calls["withings_tokens"]
    assert {name: made.get(name, 0) for name in row.calls} == row.calls

    sandbox.post("faults/clear")
    if row.relink:
        # The same link, with the history of its bad days.
        assert carried.link(person).id == link.id
        assert len(carried.store.ledger(link.id)) == DAYS
    after = carried.run({link.id: days})
    assert {result.outcome.value for result in after.values()} == {GREEN}
    report = sandbox.differences(days[0], days[-1], person["login"])
    assert report["differences"] == 0, report
    count("fault table, rows after the fault", "0 lost, 0 doubled")
    third = carried.run({link.id: days})
    counts = [result.counts for result in third.values()]
    assert {(c.created, c.updated, c.rejected) for c in counts} == {(0, 0, 0)}


@pytest.mark.parametrize(
    ("kind", "order", "code"),
    [
        ("expired code", {"kind": "expired_code"}, "vendor_rejected"),
        ("500", {"kind": "http", "status": 500}, "vendor_down"),
        ("601", {"kind": "status", "status": 601, "seconds": 30}, "rate_limited"),
        ("time-out", {"kind": "hang", "seconds": 5}, "vendor_down"),
        ("dropped before", {"kind": "drop"}, "vendor_down"),
        ("dropped after the pair was made", {"kind": "drop_after_commit"}, "vendor_down"),
        ("body byte by byte", {"kind": "drip", "seconds": 0.2}, "vendor_down"),
        ("a page of HTML", {"kind": "garbage"}, "malformed"),
        ("no JSON", {"kind": "malformed"}, "malformed"),
        ("JSON cut in half", {"kind": "truncated"}, "malformed"),
        ("JSON as text/html", {"kind": "wrong_type"}, "malformed"),
    ],
)
def test_a_fault_of_the_code_exchange_links_nothing_and_a_new_consent_works(
    carried, sandbox, person, kind, order, code
):
    del kind
    call = {"call": "exchange"} if order["kind"] != "expired_code" else {}
    sandbox.post("faults", target="withings", login=person["login"], count=1, **call, **order)

    with pytest.raises(VendorError) as caught:
        grant_of(carried.provider, sandbox.addresses, person["login"])
    assert caught.value.code == code
    assert carried.store.statuses() == []

    grant = grant_of(carried.provider, sandbox.addresses, person["login"])
    assert save_link(carried.store, sandbox.addresses, person, grant).state.value == "active"


@pytest.mark.parametrize("call", ["getnonce", "revoke"])
@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"kind": "http", "status": 500}, "vendor_down"),
        ({"kind": "status", "status": 601, "seconds": 30}, "rate_limited"),
        ({"kind": "status", "status": 503}, "vendor_rejected"),
        ({"kind": "hang", "seconds": 5}, "vendor_down"),
        ({"kind": "drop"}, "vendor_down"),
        ({"kind": "drop_after_commit"}, "vendor_down"),
        ({"kind": "garbage"}, "malformed"),
        ({"kind": "truncated"}, "malformed"),
        ({"kind": "wrong_type"}, "malformed"),
    ],
    ids=lambda order: order["kind"] if isinstance(order, dict) else order,
)
def test_a_fault_while_unlinking_keeps_the_keys_until_the_vendor_was_told(
    carried, sandbox, person, days, call, order, code, count
):
    link = carried.link(person)
    carried.store.begin_unlink(link.id, who="operator test")
    sandbox.post("faults", target="withings", call=call, **order)

    ended = finish_unlink(carried.store, carried.provider, link.id)

    assert (ended.done, ended.state.value, ended.code) == (False, "unlinking", code)
    assert not carried.store.is_erased(link.id)
    results = carried.run({link.id: days})
    assert {result.outcome.value for result in results.values()} == {"not_consented"}
    count("fault table, unlinking", f"{code}, told later")

    sandbox.post("faults/clear")
    assert finish_unlink(carried.store, carried.provider, link.id).done
    assert carried.store.is_erased(link.id)


def test_an_edited_reading_is_corrected_and_a_late_one_is_added(carried, sandbox, person, days):
    link = carried.link(person)
    carried.run({link.id: days})
    weight = next(
        group
        for group in carried.rows(person, days[1], days[1])
        if group["measures"][0]["type"] == 1
    )
    sandbox.post(
        "readings/change",
        login=person["login"],
        action="edit",
        grpid=weight["grpid"],
        type=1,
        value=weight["measures"][0]["value"] + 500,
    )
    weigh(sandbox, person, days[0])

    results = carried.run({link.id: days})

    counts = [results[link.id, day].counts for day in days]
    assert [(one.created, one.updated) for one in counts] == [(1, 0), (0, 1), (0, 0)]
    report = sandbox.differences(days[0], days[-1], person["login"])
    assert report["differences"] == 0, report


def test_one_of_twenty_patients_costs_that_patients_days_alone(carried, sandbox, days):
    people = sandbox.people[:20]
    links = {carried.link(person).id: days for person in people}
    for person in people:
        weigh(sandbox, person, days[-1])
    gone = people[7]["login"]
    sandbox.post("faults", target="withings", kind="http", status=500, login=gone)

    results = carried.run(links)

    failed = {link for (link, _), result in results.items() if not result.outcome.ok}
    assert failed == {list(links)[7]}
    assert len(results) == 20 * DAYS
    fine = [person["login"] for person in people if person["login"] != gone]
    assert sandbox.differences(days[0], days[-1], *fine)["differences"] == 0


def test_a_vendor_that_is_down_for_all_is_red_for_all_and_soon_left_alone(store, sandbox, days):
    # Longer than the other links take to be told on a busy machine.
    carried = Carried(store, sandbox, breaker_seconds=8)
    sandbox.post("faults/clear")
    links = {carried.link(person).id: days for person in sandbox.people[:20]}
    sandbox.post("calls/reset")
    sandbox.post("faults", target="withings", kind="http", status=503)

    results = carried.run(links)

    assert Counter(result.outcome.value for result in results.values()) == {
        "vendor_down": 20 * DAYS
    }
    # Three links with three tries each, three others after a pause; fourteen are not asked for.
    assert sandbox.calls()["withings"]["getmeas"] == 18
    assert sum(r.error == "breaker_open" for r in results.values()) == 14 * DAYS
    sandbox.post("faults/clear")
    carried.close()
