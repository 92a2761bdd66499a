"""What the vendor has done, and has not, when an ordered fault is over.

Belongs here: faults whose trace only the moved clock or another token shows. Not here: what a
client sees of each kind (`test_faults_on_the_wire.py`).
"""

import json

import pytest

from tests.unit.sandbox.world_parts import NOON

HOUR = 3_600
TEN_DAYS = {"startdate": NOON - 240 * HOUR, "enddate": NOON}


def lost_refresh(sandbox, kind):
    """Refresh without hearing of it; gives the token that was used."""
    token = sandbox.tokens()["refresh_token"]
    sandbox.order("/faults", target="withings", kind=kind, call="requesttoken", count=1)
    fields = {
        "action": "requesttoken", "grant_type": "refresh_token", "refresh_token": token,
        "client_id": "app", "client_secret": "app-secret",
    }  # fmt: skip
    answer = sandbox.vendor.post("/v2/oauth2", data=fields)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)
    return token


def test_a_refresh_that_the_client_never_heard_of_has_rotated_the_token(sandbox):
    token = lost_refresh(sandbox, "drop_after_commit")
    sandbox.clock.advance(8 * HOUR)
    assert sandbox.refresh(token)["error"] == "Invalid Params: invalid refresh_token"


def test_a_refresh_that_the_client_never_heard_of_can_be_repeated_in_time(sandbox):
    token = lost_refresh(sandbox, "drop_after_commit")
    sandbox.clock.advance(7 * HOUR)
    assert sandbox.refresh(token)["status"] == 0


def test_a_refresh_that_met_trouble_before_the_work_has_rotated_nothing(sandbox):
    token = lost_refresh(sandbox, "malformed")
    sandbox.clock.advance(8 * HOUR)
    assert sandbox.refresh(token)["status"] == 0


def test_a_reduced_scope_takes_from_older_tokens_too_and_a_new_consent_gives_it_back(sandbox):
    before = sandbox.tokens()
    sandbox.order("/faults", target="withings", kind="reduced_scope", count=1)
    sandbox.refresh(before["refresh_token"])
    assert sandbox.measures(before["access_token"])["status"] == 2553
    again = sandbox.tokens()
    assert again["scope"] == "user.info,user.metrics"
    assert sandbox.measures(again["access_token"])["status"] == 0


def test_a_reduced_scope_is_one_persons(sandbox):
    other = sandbox.tokens(1)["access_token"]
    sandbox.order("/faults", target="withings", kind="reduced_scope", login=sandbox.people[0].login)
    assert sandbox.tokens(0)["scope"] == "user.info"
    assert sandbox.tokens(1)["scope"] == "user.info,user.metrics"
    assert sandbox.measures(other)["status"] == 0


@pytest.mark.parametrize("call", ["exchange", "refresh"])
def test_a_fault_can_be_meant_for_one_of_the_two_token_calls(sandbox, call):
    sandbox.order("/faults", target="withings", kind="status", status=522, call=call)
    exchanged = sandbox.exchange(sandbox.code())
    assert exchanged["status"] == (522 if call == "exchange" else 0)
    sandbox.order("/faults/clear")
    token = sandbox.tokens(1)["refresh_token"]
    sandbox.order("/faults", target="withings", kind="status", status=522, call=call)
    assert sandbox.refresh(token)["status"] == (522 if call == "refresh" else 0)


def test_a_kind_that_a_call_cannot_meet_is_kept_for_the_call_that_can(sandbox):
    tokens = sandbox.tokens()
    sandbox.order("/faults", target="withings", kind="missing_groups", count=1)
    sandbox.order("/faults", target="withings", kind="expired_code", count=1)
    assert sandbox.call("/v2/user", "getdevice", token=tokens["access_token"])["status"] == 0
    assert sandbox.refresh(tokens["refresh_token"])["status"] == 0
    assert "measuregrps" not in sandbox.measures(tokens["access_token"])["body"]
    assert sandbox.exchange(sandbox.code())["status"] == 503


def test_added_groups_come_with_the_first_page_only_and_on_a_day_that_was_asked_for(sandbox):
    token = sandbox.tokens()["access_token"]
    sandbox.order("/faults", target="withings", kind="unknown_types")
    first, *others = sandbox.every_group(token, category=1)
    assert others
    assert first[-1]["grpid"] not in {g["grpid"] for page in others for g in page}
    assert [page[-1]["measures"][0]["type"] == 9999 for page in (first, *others)].count(True) == 1
    empty = sandbox.measures(token, startdate=1_000, enddate=2_000)["body"]["measuregrps"]
    assert [group["date"] for group in empty] == [1_000]


@pytest.mark.parametrize(("page", "hit"), [("first", 0), ("further", 1)])
def test_a_fault_can_be_meant_for_one_part_of_a_listing(sandbox, page, hit):
    token = sandbox.tokens()["access_token"]
    assert sandbox.call("/v2/user", "getdevice", token=token)["status"] == 0
    sandbox.order("/faults", target="withings", kind="status", status=601, page=page, count=1)
    statuses = [sandbox.measures(token, offset=offset)["status"] for offset in (0, 20, 0, 20)]
    assert statuses == [601 if n == hit else 0 for n in range(4)]


@pytest.mark.parametrize("kind", ["empty_listing", "cut_page", "skipped_row"])
def test_a_listing_that_was_wrong_once_is_right_the_next_time(sandbox, kind):
    token = sandbox.tokens()["access_token"]
    right = [one["grpid"] for page in sandbox.every_group(token, **TEN_DAYS) for one in page]
    sandbox.order("/faults", target="withings", kind=kind, count=1)
    wrong, again = (
        [one["grpid"] for page in sandbox.every_group(token, **TEN_DAYS) for one in page]
        for _ in range(2)
    )
    assert set(wrong) < set(right)
    assert again == right


def test_a_cut_further_page_leaves_the_first_one_whole(sandbox):
    token = sandbox.tokens()["access_token"]
    first, second, *_ = sandbox.every_group(token, **TEN_DAYS)
    sandbox.order("/faults", target="withings", kind="cut_page", page="further", count=1)
    found = sandbox.every_group(token, **TEN_DAYS)
    assert found == [first, second[: len(second) // 2]]


@pytest.mark.parametrize(
    "order",
    [
        {"target": "withings", "kind": "expired_code", "page": "first"},
        {"target": "withings", "kind": "status", "page": "second"},
        {"target": "ehr", "kind": "status", "page": "first"},
    ],
)
def test_a_page_that_cannot_be_meant_is_refused(sandbox, order):
    assert sandbox.control.post("/faults", json=order).status_code == 400
