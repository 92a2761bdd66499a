"""What tests may order at Google Health's stand-in through the control endpoint."""

import base64
import json

import pytest

from tests.unit.sandbox.google_health.notifying_parts import (
    ACTIVITY,
    HEALTH,
    SECRET,
    SLEEP,
    URI,
    Endpoint,
    config,
)
from tests.unit.sandbox.google_health.tink import is_signed
from tests.unit.sandbox.world_parts import CALLBACK, Sandbox, query_of

DAYS = {"from": "2026-11-14", "to": "2026-11-20"}
DAY = "2026-11-18"


class Google:
    """A sandbox with one person linked, and a subscriber to everything that changes here."""

    def __init__(self):
        self.sandbox = Sandbox(data="everything")
        self.order, self.control = self.sandbox.order, self.sandbox.control
        self.client = self.sandbox.world.google.app.test_client()
        self.people = self.sandbox.people
        self.login = self.people[0].login
        self.endpoint = Endpoint(self.sandbox.world.notifying)
        self.sandbox.world.notifying.subscribers.create(
            "sub-1",
            {
                "endpointUri": URI,
                "subscriberConfigs": [config("weight", "steps", "sleep", "daily-vo2-max")],
                "endpointAuthorization": {"secret": SECRET},
            },
        )

    def link(self, person=0, *scopes):
        """Get tokens by HTTP, of a person who allows these scopes."""
        asked = {
            "response_type": "code",
            "client_id": "app",
            "redirect_uri": CALLBACK,
            "scope": " ".join(scopes or (ACTIVITY, HEALTH, SLEEP)),
            "state": "state-1",
            "access_type": "offline",
            "prompt": "consent",
        }
        form = {"person": self.people[person].login, "decision": "allow"}
        back = self.client.post("/o/oauth2/v2/auth", query_string=asked, data=form)
        fields = {
            "grant_type": "authorization_code",
            "client_id": "app",
            "client_secret": "app-secret",
            "code": query_of(back.location)["code"],
            "redirect_uri": CALLBACK,
        }
        return self.client.post("/token", data=fields).json

    def get(self, token, path, **parameters):
        headers = {"Authorization": f"Bearer {token}"}
        return self.client.get(f"/v4/users/me/{path}", query_string=parameters, headers=headers)

    def rows(self, person=0):
        asked = {"login": self.people[person].login} | DAYS
        return self.control.get("/google_health/rows", query_string=asked).json

    def change(self, **order):
        return self.order("/google_health/change", login=self.login, **order)

    def told(self):
        """Deliver what is due; gives operation and type of each notification, then forgets them."""
        self.sandbox.world.notifying.deliveries.deliver_due()
        said = [(one["operation"], one["dataType"]) for one in self.endpoint.said]
        self.endpoint.got.clear()
        return said


@pytest.fixture
def google():
    return Google()


# Knobs


def test_knobs_are_shown_as_they_are_then(google):
    assert google.order("/google_health/settings") == {
        "rate_limit": 300,
        "retry_after": False,
        "testing_mode": False,
        "page_size": None,
        "not_linked": [],
    }
    wanted = {
        "rate_limit": 7,
        "retry_after": True,
        "testing_mode": True,
        "page_size": 3,
        "not_linked": [google.login],
    }
    assert google.order("/google_health/settings", **wanted) == wanted
    back = google.order("/google_health/settings", page_size=0, not_linked=[])
    assert (back["page_size"], back["not_linked"], back["rate_limit"]) == (None, [], 7)


def test_knobs_turn_what_is_answered(google):
    token = google.link()["access_token"]
    google.order("/google_health/settings", page_size=2, rate_limit=2)
    weights = google.get(token, "dataTypes/weight/dataPoints").json
    assert len(weights["dataPoints"]) == 2
    google.order("/google_health/settings", not_linked=[google.login])
    answer = google.get(token, "identity")
    assert answer.json["error"]["details"][0]["reason"] == "ACCOUNT_NOT_LINKED"
    assert google.get(token, "identity").status_code == 429


def test_in_testing_mode_a_consent_ends_after_seven_days(google):
    google.order("/google_health/settings", testing_mode=True)
    assert google.link()["refresh_token_expires_in"] == 604_799


# Readings


def test_rows_are_all_that_the_account_lists_of_civil_days(google):
    found = google.rows()
    assert found.keys() == {"points", "merged", "totals"}
    assert all(DAYS["from"] <= one["day"] <= DAYS["to"] for one in found["points"]["weight"])
    assert found["totals"]["steps"].keys() <= {f"2026-11-{day}" for day in range(14, 21)}


def test_an_added_reading_is_listed_and_told(google):
    token = google.link()["access_token"]
    added = google.change(action="add", type="weight", day=DAY, value={"weightGrams": 70_500})

    assert (added["type"], added["day"]) == ("weight", DAY)
    listed = google.get(token, "dataTypes/weight/dataPoints").json["dataPoints"]
    [found] = [one for one in listed if one["name"].endswith(f"/{added['id']}")]
    assert found["weight"]["weightGrams"] == 70_500
    assert google.told() == [("UPSERT", "weight")]


def test_an_edited_reading_keeps_its_id_and_is_told(google):
    google.link()
    before = google.rows()["points"]["weight"][0]
    after = google.change(
        action="edit", type="weight", id=before["id"], value={"weightGrams": 71_111}
    )

    assert after["id"] == before["id"]
    assert after["value"]["weightGrams"] == 71_111
    assert after in google.rows()["points"]["weight"]
    assert google.told() == [("UPSERT", "weight")]


def test_a_deleted_reading_is_gone_and_told_by_its_id(google):
    google.link()
    before = google.rows()["points"]["weight"][0]
    google.change(action="delete", type="weight", id=before["id"])

    left = [one["id"] for one in google.rows()["points"].get("weight", [])]
    assert before["id"] not in left
    google.sandbox.world.notifying.deliveries.deliver_due()
    [said] = google.endpoint.said
    assert (said["operation"], said["recordId"]) == ("DELETE", before["id"])


def test_without_consent_a_change_is_told_to_nobody(google):
    google.link(1)
    google.change(action="add", type="weight", day=DAY, value={"weightGrams": 70_500})
    google.link(0, SLEEP)
    google.change(action="add", type="weight", day=DAY, value={"weightGrams": 70_600})
    assert google.told() == []


def test_changes_by_seed_are_counted_and_told_with_their_days(google):
    google.link()
    order = {"seed": 7, "first": DAYS["from"], "last": DAYS["to"], "edits": 2, "deletions": 1}
    done = google.order("/google_health/seeded", logins=[google.login], **order)

    assert done["by_login"].keys() == {google.login}
    assert {name: done[name] for name in ("edits", "deletions", "late")} == {
        "edits": 2,
        "deletions": 1,
        "late": 0,
    }
    google.sandbox.world.notifying.deliveries.deliver_due()
    spans = {
        (one["dataType"], one["intervals"][0]["civilIso8601TimeInterval"]["startTime"][:10])
        for one in google.endpoint.said
    }
    assert spans == {(one, "2026-11-14") for one in ("weight", "steps", "sleep", "daily-vo2-max")}


def test_the_same_seed_changes_the_same(google):
    order = {"seed": 7, "first": DAYS["from"], "last": DAYS["to"], "edits": 3, "late": 2}
    other = Google()
    for one in (google, other):
        one.order("/google_health/seeded", **order)
    assert google.rows() == other.rows() != Google().rows()


# Notifications


def test_what_never_was_can_be_told_as_often_as_wanted(google):
    google.link()
    order = {"types": ["steps", "sleep"], "first": DAY, "last": DAY, "operation": "DELETE"}
    told = google.order("/google_health/notify", login=google.login, count=2, **order)

    assert told == {"told": 4}
    assert google.told() == [("DELETE", "steps"), ("DELETE", "sleep")] * 2


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (
            {"first": "2026-11-18", "last": "2026-11-19"},
            ("2026-11-17T23:00:00Z", "2026-11-19T23:00:00Z"),
        ),
        (
            {"start": 1_795_262_400, "end": 1_795_262_460},
            ("2026-11-21T12:00:00Z", "2026-11-21T12:01:00Z"),
        ),
        ({}, None),
    ],
)
def test_a_notification_is_about_days_or_seconds_or_everything(google, order, expected):
    google.link()
    google.order("/google_health/notify", login=google.login, types=["steps"], **order)
    google.sandbox.world.notifying.deliveries.deliver_due()

    [said] = google.endpoint.said
    spans = [one["physicalTimeInterval"] for one in said.get("intervals", [])]
    assert [(one["startTime"], one["endTime"]) for one in spans] == ([expected] if expected else [])


def test_subscribers_and_deliveries_are_shown(google):
    google.link()
    google.order("/google_health/notify", login=google.login, types=["steps"])
    google.told()
    shown = google.control.get("/google_health/notifications").json

    assert [one["state"] for one in shown["subscribers"]] == ["ACTIVE"]
    assert shown["subscriptions"] == []
    [delivery] = shown["deliveries"]
    assert (delivery["state"], delivery["status"]) == ("delivered", 204)
    assert delivery["notifications"][0]["data"]["dataType"] == "steps"
    assert SECRET not in json.dumps(shown)


def test_a_subscriber_can_be_switched_off(google):
    google.link()
    off = google.order("/google_health/subscriber", subscriber="sub-1", state="INACTIVE")
    assert off["state"] == "INACTIVE"
    told = google.order("/google_health/notify", login=google.login, types=["steps"])
    assert told == {"told": 0}


def test_keys_change_over_and_old_ones_can_be_disabled(google):
    google.link()
    google.order("/google_health/notify", login=google.login, types=["steps"])
    google.sandbox.world.notifying.deliveries.deliver_due()
    [(_, body, headers)] = google.endpoint.got
    signature = headers["GOOGLE-HEALTH-API-SIGNATURE"]
    number = int.from_bytes(base64.b64decode(signature)[1:5], "big")

    rotated = google.order("/google_health/keys")
    assert rotated["primaryKeyId"] != number
    assert rotated == google.client.get("/webhooks/webhooks_public_keyset.json").json
    assert is_signed(signature, body, rotated)
    assert not is_signed(signature, body, google.order("/google_health/keys", disable=number))


# Consents and the service account


def test_a_consent_removed_at_the_vendor_ends_the_tokens_and_is_told(google):
    tokens = google.link(0, HEALTH, SLEEP)
    google.order("/google_health/consent/remove", login=google.login)

    assert google.get(tokens["access_token"], "identity").status_code == 401
    assert sorted(google.told()) == [("DELETE", "sleep"), ("DELETE", "weight")]


def test_a_fault_that_revokes_does_the_same_for_whom_it_names(google):
    mine, others = google.link(0), google.link(1)
    google.order("/faults", target="google_health", kind="revoke", login=google.login)
    assert google.get(mine["access_token"], "identity").status_code == 401
    assert google.get(others["access_token"], "identity").status_code == 200
    google.order("/faults", target="google_health", kind="revoke")
    assert google.get(others["access_token"], "identity").status_code == 401


def test_the_key_of_the_service_account_is_given_with_the_address_of_its_tokens(google):
    file = google.control.get("/google_health/service_account").json
    assert file["token_uri"] == "http://localhost/service-account/token"
    assert file["private_key"].startswith("-----BEGIN " + "PRIVATE KEY-----")


# Faults and counts


def test_a_fault_of_google_is_not_one_of_withings_and_is_cleared_with_all(google):
    token, withings = google.link()["access_token"], google.sandbox.tokens()["access_token"]
    google.order("/faults", target="google_health", kind="http", status=502)
    assert google.get(token, "identity").status_code == 502
    assert google.sandbox.measures(withings)["status"] == 0
    google.order("/faults/clear")
    assert google.get(token, "identity").status_code == 200


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("scope_insufficient", 403),
        ("account_not_linked", 400),
        ("service_disabled", 403),
        ("rate_limited", 429),
        ("quota", 429),
        ("deadline", 504),
    ],
)
def test_a_refusal_is_for_the_reason_that_is_ordered(google, reason, expected):
    token = google.link()["access_token"]
    order = {"target": "google_health", "kind": "refusal", "reason": reason, "count": 1}
    google.order("/faults", **order)
    assert google.get(token, "identity").status_code == expected
    assert google.get(token, "identity").status_code == 200


def test_calls_are_counted_by_name_by_login_and_by_kind_of_token_call(google):
    token = google.link()["access_token"]
    google.get(token, "dataTypes/weight/dataPoints")
    google.client.get("/v4/projects/sandbox-health/subscribers")
    counted = google.control.get("/calls").json

    mine = {"exchange": 1, "weight:list": 1}
    assert counted["google_health"] == mine | {"subscribers": 1}
    assert counted["google_health_by_login"] == {google.login: mine}
    assert counted["google_health_tokens"] == {"exchange": 1, "refresh": 0}
    assert counted["withings"] == {}
    after = google.order("/calls/reset")
    assert (after["google_health"], after["google_health_tokens"]["exchange"]) == ({}, 0)


def test_calls_of_the_project_can_be_struck_by_faults(google):
    google.order("/faults", target="google_health", kind="http", status=503, call="subscribers")
    assert google.client.get("/v4/projects/sandbox-health/subscribers").status_code == 503


def test_secrets_of_a_link_are_among_those_seen(google):
    tokens = google.link()
    seen = google.control.get("/secrets").json
    assert tokens["access_token"] in seen["access_token"]
    assert tokens["refresh_token"] in seen["refresh_token"]


# Wrong orders


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("settings", {"speed": 1}),
        ("settings", {"rate_limit": -1}),
        ("settings", {"testing_mode": 1}),
        ("settings", {"not_linked": ["nobody"]}),
        ("change", {"action": "forget", "type": "weight"}),
        ("change", {"action": "add", "type": "blood-pressure", "day": DAY}),
        ("change", {"action": "add", "type": "weight"}),
        ("change", {"action": "add", "type": "weight", "day": DAY, "source": {"maker": "x"}}),
        ("change", {"action": "edit", "type": "weight", "id": "0", "value": {"weightGrams": 1}}),
        ("change", {"action": "edit", "type": "weight", "id": "0"}),
        ("change", {"action": "delete", "type": "weight", "id": "0"}),
        ("change", {"action": "delete", "type": "weight"}),
        ("notify", {}),
        ("notify", {"types": ["oxygen-saturation"]}),
        ("notify", {"types": ["steps"], "operation": "UPDATE"}),
        ("notify", {"types": ["steps"], "first": DAY}),
        ("notify", {"types": ["steps"], "start": 1}),
        ("consent/remove", {"login": "nobody"}),
    ],
)
def test_a_wrong_order_gets_400_and_says_why(google, path, wrong):
    needs_login = path in {"change", "notify", "consent/remove"}
    order = ({"login": google.login} if needs_login else {}) | wrong
    answer = google.control.post(f"/google_health/{path}", json=order)
    assert answer.status_code == 400
    assert answer.json["error"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("seeded", {"first": DAY, "last": DAY}),
        ("seeded", {"seed": 1, "first": DAY, "last": "2026-11-17"}),
        ("subscriber", {"subscriber": "sub-2", "state": "ACTIVE"}),
        ("subscriber", {"subscriber": "sub-1", "state": "ASLEEP"}),
        ("keys", {"disable": 1}),
    ],
)
def test_a_wrong_order_about_nobody_in_particular_gets_400(google, path, wrong):
    answer = google.control.post(f"/google_health/{path}", json=wrong)
    assert answer.status_code == 400
    assert answer.json["error"]
