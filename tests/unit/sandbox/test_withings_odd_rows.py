"""Listings beside `getmeas` that go wrong on order, each by the name of its call."""

import pytest

from tests.unit.sandbox.listing_parts import ASTRID, MONTH, NOON, asking
from tests.unit.sandbox.world_parts import Sandbox

WINDOW = {"startdate": NOON - 86_400, "enddate": NOON}
MONTH_OF_SECONDS = {"startdate": NOON - 30 * 86_400, "enddate": NOON}
LISTINGS = {
    "getactivity": ("/v2/measure", "getactivity", "activities", MONTH),
    "getworkouts": ("/v2/measure", "getworkouts", "series", MONTH),
    "getsummary": ("/v2/sleep", "getsummary", "series", MONTH),
    "sleep_get": ("/v2/sleep", "get", "series", WINDOW),
    "heart_list": ("/v2/heart", "list", "series", MONTH_OF_SECONDS),
}
every_listing = pytest.mark.parametrize("call", LISTINGS)


def right_and_wrong(call, kind):
    """Give a listing as it is, and as a fault leaves it."""
    path, action, name, fields = LISTINGS[call]
    one = asking(ASTRID)
    right = one.call(path, action, **fields)
    one.sandbox.order("/faults", target="withings", kind=kind, call=call)
    return right[name], one.call(path, action, **fields), name


@every_listing
def test_every_row_can_stand_there_twice(call):
    right, wrong, name = right_and_wrong(call, "duplicate_rows")
    assert wrong[name] == [row for row in right for _ in range(2)]


@every_listing
def test_a_listing_can_be_empty_and_lists_can_be_missing(call):
    right, wrong, name = right_and_wrong(call, "empty_listing")
    assert right
    assert wrong[name] == []
    assert wrong.get("more") in {False, None}
    _, wrong, name = right_and_wrong(call, "missing_groups")
    assert name not in wrong


@every_listing
def test_a_page_can_end_in_its_middle_and_a_row_can_be_skipped(call):
    right, wrong, name = right_and_wrong(call, "cut_page")
    assert wrong[name] == right[: len(right) // 2]
    right, wrong, name = right_and_wrong(call, "skipped_row")
    assert wrong[name] == right[1:]


@every_listing
def test_a_row_can_be_unreadable_and_rows_can_have_fields_that_nobody_knows(call):
    right, wrong, name = right_and_wrong(call, "bad_record")
    assert wrong[name][:-1] == right
    assert "date" not in wrong[name][-1]
    right, wrong, name = right_and_wrong(call, "unknown_types")
    assert all("unheard_of" in row for row in wrong[name])
    assert [row.keys() - {"unheard_of"} for row in wrong[name]] == [row.keys() for row in right]


@every_listing
def test_paging_can_go_on_for_ever(call):
    _, wrong, _ = right_and_wrong(call, "paging_loop")
    assert wrong["more"] is True
    assert wrong["offset"] == 0


@pytest.mark.parametrize("call", [*LISTINGS, "getintradayactivity", "heart_get"])
def test_every_data_call_can_be_refused_by_its_name_alone(call):
    sandbox = Sandbox(data="all")
    one = asking(ASTRID, sandbox)
    sandbox.order("/faults", target="withings", kind="unauthorized", call=call)
    path, action, _, fields = (
        LISTINGS.get(call)
        or {
            "getintradayactivity": ("/v2/measure", "getintradayactivity", "series", WINDOW),
            "heart_get": (
                "/v2/heart",
                "get",
                "signal",
                {"signalid": one.ecgs()[0]["ecg"]["signalid"]},
            ),
        }[call]
    )
    assert sandbox.call(path, action, token=one.token, **fields)["status"] == 401
    others = {"getdevice": ("/v2/user", "getdevice", "devices", {}), **LISTINGS}
    for path, action, _, fields in (other for name, other in others.items() if name != call):
        assert sandbox.call(path, action, token=one.token, **fields)["status"] == 0


def test_calls_of_one_action_are_counted_apart():
    one = asking(ASTRID)
    one.ecgs()
    one.stages(NOON - 60, NOON)
    one.signal(one.ecgs()[0]["ecg"]["signalid"])
    counted = one.sandbox.control.get("/calls").json["withings"]
    assert {name: counted[name] for name in ("heart_list", "heart_get", "sleep_get")} == {
        "heart_list": 2,
        "heart_get": 1,
        "sleep_get": 1,
    }
