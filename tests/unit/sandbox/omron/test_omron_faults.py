"""Faults ordered for OMRON's stand-in show on its wire, for whom and as often as ordered."""

import json

import pytest

from tests.unit.sandbox.omron.omron_parts import error_of

SINCE = "2026-11-10"


def fault(omron, kind, **fields):
    omron.order("/faults", target="omron", kind=kind, **fields)


def refused(omron, **order):
    answer = omron.control.post("/faults", json={"target": "omron", **order})
    assert answer.status_code == 400, answer.text
    return answer.json["error"]


def pressures(omron, token, **fields):
    return omron.result(token, since=SINCE, type="bloodpressure", **fields)


def test_a_status_is_no_success_although_http_says_200(omron):
    access = omron.access()
    fault(omron, "status", status=17, text="Try later", count=1)
    answer = omron.measure(access, since=SINCE)
    assert answer.status_code == 200
    assert answer.json == {"status": 17, "reason": "Try later", "errorCode": 17}
    assert omron.measure(access, since=SINCE).json["status"] == 0


def test_http_itself_can_fail_and_say_when_to_come_again(omron):
    access = omron.access()
    fault(omron, "http", status=502, seconds=30, login=omron.login(0))
    answer = omron.measure(access, since=SINCE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (502, "30")
    assert omron.measure(omron.access(1), since=SINCE).status_code == 200
    omron.order("/faults/clear")
    assert omron.measure(access, since=SINCE).status_code == 200


def test_a_fault_can_be_of_one_type_or_of_further_pages(omron):
    access = omron.access()
    fault(omron, "http", call="measurement:weight")
    assert omron.measure(access, since=SINCE, type="weight").status_code == 503
    assert omron.measure(access, since=SINCE, type="oxygen").status_code == 200
    omron.order("/faults/clear")
    fault(omron, "http", page="further")
    key = pressures(omron, access, limit="2")["nextPaginationKey"]
    more = {"bloodpressurePaginationKey": key, "limit": "2"}
    answer = omron.measure(access, since=SINCE, type="bloodpressure", **more)
    assert answer.status_code == 503


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("list_body", []), ("not_an_envelope", {"message": "fine"})],
    ids=["list_body", "not_an_envelope"],
)
def test_json_can_be_of_another_shape(omron, kind, expected):
    access = omron.access()
    fault(omron, kind)
    assert omron.measure(access, since=SINCE).json == expected


def test_a_body_can_be_malformed_cut_or_called_something_else(omron):
    access = omron.access()
    for kind in ("malformed", "truncated", "garbage"):
        fault(omron, kind, count=1)
        with pytest.raises(json.JSONDecodeError):
            json.loads(omron.measure(access, since=SINCE).data)
    fault(omron, "wrong_type", count=1)
    assert omron.measure(access, since=SINCE).mimetype == "text/html"


def test_a_good_token_can_be_refused(omron):
    access = omron.access()
    fault(omron, "unauthorized", count=1)
    assert omron.measure(access, since=SINCE).status_code == 401
    assert omron.measure(access, since=SINCE).status_code == 200


def test_token_calls_can_fail(omron):
    refresh = omron.link()["refresh_token"]
    fault(omron, "refuse_refresh", count=1)
    assert error_of(omron.refresh(refresh)) == (400, "invalid_grant")
    assert omron.refresh(refresh).status_code == 200
    fault(omron, "expired_code", count=1)
    assert error_of(omron.exchange(omron.code())) == (400, "invalid_grant")
    fault(omron, "http", call="revoke", status=500)
    assert omron.revoke(refresh).status_code == 500


def test_a_scope_can_shrink_at_a_refresh(omron):
    first = omron.link()
    fault(omron, "reduced_scope", text="weight", count=1)
    access = omron.refresh(first["refresh_token"]).json["access_token"]
    assert omron.measure(access, since=SINCE, type="weight").json["status"] == 0
    assert omron.measure(access, since=SINCE, type="oxygen").json["status"] != 0


def test_revoking_by_order_ends_one_persons_tokens_or_everybodys(omron):
    mine, other = omron.access(0), omron.access(1)
    fault(omron, "revoke", login=omron.login(0))
    assert omron.measure(mine, since=SINCE).status_code == 401
    assert omron.measure(other, since=SINCE).status_code == 200
    fault(omron, "revoke")
    assert omron.measure(other, since=SINCE).status_code == 401


def test_calls_above_the_limit_are_told_when_to_come_again(omron):
    access = omron.access()
    omron.order("/omron/settings", rate_limit=2)
    for _ in range(2):
        assert omron.measure(access, since=SINCE).status_code == 200
    answer = omron.measure(access, since=SINCE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    omron.order("/omron/settings", retry_after=False)
    assert "Retry-After" not in omron.measure(access, since=SINCE).headers
    omron.clock.advance(60)
    assert omron.measure(access, since=SINCE).status_code == 200


def test_rows_can_come_twice_be_missing_or_end_early(omron):
    access = omron.access()
    right = pressures(omron, access)["bloodPressure"]
    fault(omron, "duplicate_rows", count=1)
    assert pressures(omron, access)["bloodPressure"][:2] == [right[0], right[0]]
    fault(omron, "skipped_row", count=1)
    assert pressures(omron, access)["bloodPressure"] == right[1:]
    fault(omron, "cut_page", count=1)
    assert pressures(omron, access)["bloodPressure"] == right[: len(right) // 2]
    fault(omron, "empty_listing", count=1)
    assert pressures(omron, access)["bloodPressure"] == []
    fault(omron, "missing_lists", count=1)
    assert "bloodPressure" not in pressures(omron, access)
    assert pressures(omron, access)["bloodPressure"] == right


def test_rows_can_be_odd(omron):
    access = omron.access()
    right = pressures(omron, access)["bloodPressure"]
    fault(omron, "unknown_types", count=1)
    odd = pressures(omron, access)
    assert odd["unheardOf"]
    assert odd["bloodPressure"] == [row | {"unheardOf": 1_234} for row in right]
    fault(omron, "bad_record", count=1)
    *others, bad = pressures(omron, access)["bloodPressure"]
    assert (others, bad["systolic"], bad["dateTime"]) == (right, "many", "soon")
    fault(omron, "utc_contradicts", count=1)
    first, *others = pressures(omron, access)["bloodPressure"]
    assert first["dateTime"] != right[0]["dateTime"]
    assert (first["dateTimeLocal"], others) == (right[0]["dateTimeLocal"], right[1:])


@pytest.mark.parametrize("paging", ["key", "nested_key", "since"])
def test_a_listing_can_go_on_forever(omron, paging):
    omron.order("/omron/settings", paging=paging)
    access = omron.access()
    fault(omron, "paging_loop")
    sent = {} if paging == "since" else {"bloodpressurePaginationKey": "eyJuIjogMH0="}
    result = pressures(omron, access, **sent)
    assert result["truncated"] is True
    told = result.get("nextPaginationKey") or result.get("paginationKey", {})
    assert told in ("eyJuIjogMH0=", {"bloodpressurePaginationKey": "eyJuIjogMH0="}, {})


def test_wrong_orders_are_refused(omron):
    assert "kind must be one of" in refused(omron, kind="unheard_of")
    assert "call must be one of" in refused(omron, kind="status", call="exchange")
    assert "page goes with" in refused(omron, kind="refuse_refresh", page="first")
    assert "does not go" in refused(omron, kind="http", method="read")
    assert "does not go" in refused(omron, kind="http", reason="quota")
