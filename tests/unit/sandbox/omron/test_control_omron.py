"""The control endpoint shows and moves OMRON's stand-in: calls, changes, notifications."""

import pytest

from tests.unit.sandbox.omron.omron_parts import NOTIFY, TYPES

DAY = "2026-11-18"


def change(omron, action, type_="bloodpressure", person=0, **fields):
    fields = {"login": omron.login(person), "action": action, "type": type_} | fields
    return omron.order("/omron/change", **fields)


def wrong(omron, path, **body):
    answer = omron.control.post(path, json=body)
    assert answer.status_code == 400, answer.text
    return answer.json["error"]


def test_calls_are_counted_by_type_and_by_person(omron):
    access = omron.access()
    refresh = omron.link(1)["refresh_token"]
    omron.refresh(refresh)
    omron.revoke(refresh)
    omron.measure(access, since=DAY)
    for _ in range(2):
        omron.measure(access, since=DAY, type="bloodpressure")
    calls = omron.control.get("/calls").json
    counted = {"measurement:all": 1, "measurement:bloodpressure": 2}
    assert calls["omron"] == counted
    assert calls["omron_by_login"] == {omron.login(): counted}
    assert calls["omron_tokens"] == {"exchange": 2, "refresh": 1, "revoke": 1}
    reset = omron.order("/calls/reset")
    assert (reset["omron"], sum(reset["omron_tokens"].values())) == ({}, 0)


def test_knobs_are_shown_and_stay_as_they_were_turned(omron):
    before = omron.order("/omron/settings")
    assert before == {
        "rate_limit": 120, "retry_after": True, "page_size": None, "paging": "key",
        "rotate": True, "code_seconds": 300, "token_seconds": 3600, "revocation": True,
        "refresh_redirect": False,
        "leave_out": [], "notify_url": None,
    }  # fmt: skip
    turned = {
        "rate_limit": 7, "retry_after": False, "page_size": 5, "paging": "since",
        "rotate": False, "code_seconds": 9, "token_seconds": 8, "revocation": False,
        "refresh_redirect": True,
        "leave_out": ["deviceType"], "notify_url": NOTIFY,
    }  # fmt: skip
    assert omron.order("/omron/settings", **turned) == turned
    after = omron.order("/omron/settings", page_size=0, notify_url="", leave_out=[])
    assert after == turned | {"page_size": None, "notify_url": None, "leave_out": []}


def test_an_edited_reading_keeps_its_id_and_its_other_fields(omron):
    before = omron.rows(DAY, DAY)["bloodPressure"][0]
    after = change(omron, "edit", id=before["id"], value={"systolic": 155, "pulse": None})
    assert after == {k: v for k, v in before.items() if k != "pulse"} | {"systolic": 155}
    assert omron.rows(DAY, DAY)["bloodPressure"][0] == after


def test_an_edit_can_change_times_and_the_device_too(omron):
    number = omron.rows(DAY, DAY)["weight"] or omron.rows("2026-11-01", DAY)["weight"]
    value = {"dateTimeUtcOffset": "-0800", "dateTime": None, "deviceType": None}
    after = change(omron, "edit", "weight", id=number[-1]["id"], value=value)
    assert after["dateTimeUtcOffset"] == "-0800"
    assert not {"dateTime", "deviceType"} & set(after)


def test_a_deleted_reading_is_listed_no_more(omron):
    rows = omron.rows(DAY, DAY)["bloodPressure"]
    assert change(omron, "delete", id=rows[0]["id"]) == rows[0]
    assert omron.rows(DAY, DAY)["bloodPressure"] == rows[1:]
    error = wrong(
        omron, "/omron/change", login=omron.login(), action="delete", type="bloodpressure",
        id=rows[0]["id"],
    )  # fmt: skip
    assert "has no such reading" in error


@pytest.mark.parametrize("type_", TYPES)
def test_one_more_reading_of_each_type_can_be_added_to_a_day(omron, type_):
    added = change(omron, "add", type_, day=DAY)
    assert added["dateTimeLocal"][:10] == DAY
    earlier = omron.rows("2026-11-01", "2026-11-17").values()
    assert added not in [row for rows in earlier for row in rows]
    assert added in [row for rows in omron.rows(DAY, DAY).values() for row in rows]


def test_an_added_reading_has_the_time_the_device_and_the_values_that_are_given(omron):
    at = 1_795_000_000  # 2026-11-18 11:06:40 UTC
    value = {"systolic": 16.1, "diastolic": 10.4, "bloodPressureUnits": "kPa", "deviceType": "BP1"}
    row = change(omron, "add", day=DAY, at=at, value=value)
    number = row.pop("id")
    assert row == {
        "dateTime": "2026-11-18T11:06:40",
        "dateTimeLocal": "2026-11-18T12:06:40",
        "dateTimeUtcOffset": "+01:00",
        **value,
    }
    assert change(omron, "add", day=DAY, value=value)["id"] != number


def test_wrong_changes_are_refused(omron):
    login = omron.login()
    known = {"login": login, "action": "edit", "type": "weight"}
    assert "id is missing" in wrong(omron, "/omron/change", **known)
    number = omron.rows("2026-11-01", DAY)["weight"][0]["id"]
    assert "needs a value" in wrong(omron, "/omron/change", **known, id=number)
    assert "type must be" in wrong(omron, "/omron/change", **known | {"type": "glucose"})
    assert "last lies before" in wrong(
        omron, "/omron/seeded", seed=1, first="2026-11-10", last="2026-11-09"
    )


def test_seeded_changes_are_counted_and_are_the_same_at_every_start(omron):
    other = type(omron)()
    order = {"seed": 5, "first": "2026-10-20", "last": "2026-11-19", "edits": 6, "deletions": 4}
    before = omron.rows("2026-10-20", "2026-11-19")
    for one in (omron, other):
        done = one.order("/omron/seeded", **order, late=3, logins=[one.login(), one.login(1)])
        assert {name: done[name] for name in ("edits", "deletions", "late")} == {
            "edits": 12, "deletions": 8, "late": 6,
        }  # fmt: skip
        assert done["by_login"][one.login()] == {"edits": 6, "deletions": 4, "late": 3}
    after = omron.rows("2026-10-20", "2026-11-19")
    assert after == other.rows("2026-10-20", "2026-11-19")
    assert count_changes(before, after) == (6, 4, 3)
    assert omron.rows("2026-10-20", "2026-11-19", 2) == other.rows("2026-10-20", "2026-11-19", 2)


def count_changes(before, after):
    old, new = (
        {row["id"]: row for rows in one.values() for row in rows} for one in (before, after)
    )
    edited = [number for number in old.keys() & new.keys() if old[number] != new[number]]
    return len(edited), len(old.keys() - new.keys()), len(new.keys() - old.keys())


@pytest.mark.parametrize("seed", range(3))
def test_the_first_late_reading_lies_in_the_night_of_the_clock_change(omron, seed):
    before = omron.rows("2026-10-25", "2026-10-25")
    days = {"first": "2026-09-01", "last": "2026-11-15"}
    omron.order("/omron/seeded", seed=seed, **days, late=1, logins=[omron.login()])
    after = omron.rows("2026-10-25", "2026-10-25")
    (late,) = [row for row in after["bloodPressure"] if row not in before["bloodPressure"]]
    assert late["dateTimeLocal"][11:13] in {"00", "01", "02"}


def test_late_readings_of_a_day_that_is_not_over_lie_in_the_past(omron):
    today = {"first": "2026-11-21", "last": "2026-11-21"}
    before = omron.rows("2026-11-21", "2026-11-21")
    omron.order("/omron/seeded", seed=3, **today, late=12, logins=[omron.login()])
    after = omron.rows("2026-11-21", "2026-11-21")
    late = [row for name, rows in after.items() for row in rows if row not in before[name]]
    assert len(late) == 12
    assert all(row["dateTime"] < "2026-11-21T12:00:00" for row in late)


def test_an_upload_is_told_to_the_registered_address_unsigned(omron):
    omron.access()
    omron.order("/omron/settings", notify_url=NOTIFY)
    change(omron, "add", day=DAY)
    assert omron.deliver() == 1
    ((url, body),) = omron.posted
    assert url == NOTIFY
    assert body == {
        "id": omron.control.get("/people").json[0]["omron_user"],
        "timestamp": "2026-11-21T12:00:00",
        "type": "bloodpressure",
    }
    (delivery,) = omron.control.get("/omron/notifications").json["deliveries"]
    assert (delivery["state"], delivery["status"]) == ("delivered", 200)


def test_the_time_that_is_told_is_the_servers_although_it_is_another_day_there(omron):
    omron.access(3)
    omron.order("/omron/settings", notify_url=NOTIFY)
    omron.order("/omron/notify", login=omron.login(3), type="weight")
    omron.deliver()
    # In Auckland it is the 22nd already.
    assert omron.posted[0][1]["timestamp"] == "2026-11-21T12:00:00"
    change(omron, "add", "weight", person=3, day="2026-11-22", at=1_795_262_000)
    assert omron.rows("2026-11-22", "2026-11-22", 3)["weight"]


@pytest.mark.parametrize("status", [0, 204, 302, 500])
def test_without_a_200_it_is_sent_once_more(omron, status):
    omron.access()
    omron.order("/omron/settings", notify_url=NOTIFY)
    omron.status = status
    assert omron.order("/omron/notify", login=omron.login(), type="weight") == {"told": 1}
    assert [omron.deliver(), omron.deliver(later=59), omron.deliver(later=1)] == [1, 0, 1]
    assert omron.posted[0] == omron.posted[1]
    assert omron.deliver(later=7 * 86_400) == 0
    (delivery,) = omron.control.get("/omron/notifications").json["deliveries"]
    assert (delivery["state"], len(delivery["tried_at"])) == ("given_up", 2)


def test_nobody_is_told_without_an_address_a_consent_or_the_scope(omron):
    def told(type_="weight"):
        return omron.order("/omron/notify", login=omron.login(), type=type_, count=2)["told"]

    omron.access(scope="weight openid offline_access")
    assert told() == 0
    omron.order("/omron/settings", notify_url=NOTIFY)
    assert (told(), told("oxygen")) == (2, 0)
    omron.order("/omron/consent/remove", login=omron.login())
    assert told() == 0


def test_a_deletion_is_told_to_nobody(omron):
    omron.access()
    omron.order("/omron/settings", notify_url=NOTIFY)
    change(omron, "delete", id=omron.rows(DAY, DAY)["bloodPressure"][0]["id"])
    assert omron.deliver() == 0
