"""The control endpoint: what tests see and what trouble they can order."""

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.unit.sandbox.world_parts import NOON

DAY = 86_400
DAYS = {"from": "2026-11-14", "to": "2026-11-20"}
ARGUMENTS = [
    *("--callback-url", "http://127.0.0.1:9/cb", "--sign-in-callback-url", "http://127.0.0.1:9/in"),
    *("--client-id", "app", "--client-secret", "s", "--oidc-client-id", "p"),
    *("--oidc-client-secret", "t"),
]


@pytest.fixture
def token(sandbox):
    return sandbox.tokens()["access_token"]


def rows(sandbox, person=0, **query):
    asked = {"login": sandbox.people[person].login} | DAYS | query
    return sandbox.control.get("/rows", query_string=asked).json


def first_pressure(sandbox):
    return next(g for g in rows(sandbox) if g["measures"][0]["type"] == 10)


def change(sandbox, **order):
    return sandbox.order("/readings/change", login=sandbox.people[0].login, **order)


def devices(sandbox, token):
    return sandbox.call("/v2/user", "getdevice", token=token)


# What it shows


def test_people_are_listed_under_the_names_that_each_system_uses(sandbox):
    found = sandbox.control.get("/people").json
    assert len(found) == 6
    assert found[0].keys() == {
        "name", "zone", "username", "login", "patient_id", "user_id", "health_user_id",
        "omron_user",
    }  # fmt: skip


def test_the_ehr_knows_every_patient_from_the_start(sandbox):
    assert sandbox.control.get("/ehr").json["Patient"] == 6


def test_calls_are_counted_by_name_and_by_login_until_reset(sandbox, token):
    sandbox.measures(token)
    sandbox.measures(token)
    devices(sandbox, token)
    sandbox.call("/measure", "getnothing")
    counted = sandbox.control.get("/calls").json
    mine = {"requesttoken": 1, "getmeas": 2, "getdevice": 1}
    assert counted["withings"] == mine | {"unknown": 1}
    assert counted["withings_by_login"] == {sandbox.people[0].login: mine}
    assert sandbox.order("/calls/reset")["withings"] == {}


def test_token_calls_are_counted_by_what_they_ask_for_besides(sandbox):
    assert sandbox.control.get("/calls").json["withings_tokens"] == {"exchange": 0, "refresh": 0}
    refresh = sandbox.tokens()["refresh_token"]
    for _ in range(2):
        refresh = sandbox.refresh(refresh)["body"]["refresh_token"]
    sandbox.call("/v2/oauth2", "requesttoken", grant_type="password")
    # A refused one counts: the vendor was asked.
    sandbox.refresh("nobody's")
    counted = sandbox.control.get("/calls").json
    assert counted["withings_tokens"] == {"exchange": 1, "refresh": 3}
    assert counted["withings"]["requesttoken"] == 5
    assert sandbox.order("/calls/reset")["withings_tokens"] == {"exchange": 0, "refresh": 0}


def test_calls_of_the_ehr_are_counted_by_method(sandbox):
    environ = {"REQUEST_METHOD": "POST"}
    app = sandbox.world.ehr_app

    def start_response(*_):
        return lambda _: None

    def request_of(method, path, **more):
        return environ | {
            "REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_NAME": "x", "SERVER_PORT": "1",
            "wsgi.url_scheme": "http", "wsgi.input": None, "wsgi.errors": sys.stderr, **more,
        }  # fmt: skip

    list(app(request_of("GET", "/fhir/metadata"), start_response))
    list(app(request_of("GET", "/fhir/metadata", HTTP_X_SANDBOX_READER="1"), start_response))
    counted = sandbox.control.get("/calls").json
    assert (counted["ehr"], counted["ehr_writes"]) == ({"GET": 1}, {})


def test_rows_are_the_groups_of_the_persons_local_days(sandbox, token):
    found = rows(sandbox, **{"from": "2026-11-20", "to": "2026-11-20"})
    # Stockholm is an hour ahead of UTC in November.
    start = datetime(2026, 11, 19, 23, tzinfo=UTC).timestamp()
    pages = sandbox.every_group(token, startdate=int(start), enddate=int(start) + DAY - 1)
    assert found == [group for page in pages for group in page] != []


# The clock


def test_the_clock_moves_forward_for_everything(sandbox, token):
    moved = sandbox.order("/clock", advance_seconds=10_800)
    assert moved == {"now": NOON + 10_800, "offset_seconds": 10_800}
    assert sandbox.control.get("/clock").json == moved
    assert sandbox.measures(token)["status"] == 401


# Faults


def test_a_status_is_answered_as_often_as_ordered_to_whom_it_was_ordered_for(sandbox, token):
    other = sandbox.tokens(1)["access_token"]
    sandbox.order(
        "/faults", target="withings", kind="status", login=sandbox.people[0].login,
        call="getdevice", count=2, status=601, seconds=7,
    )  # fmt: skip
    assert sandbox.measures(token)["status"] == 0
    assert devices(sandbox, other)["status"] == 0
    for _ in range(2):
        refused = devices(sandbox, token)
        assert refused["status"] == 601
        assert refused["body"]["wait_seconds"] == 7
    assert devices(sandbox, token)["status"] == 0


def test_an_http_status_can_stand_in_for_the_envelope(sandbox, token):
    sandbox.order("/faults", target="withings", kind="http", status=502, count=1, seconds=3)
    answer = sandbox.vendor.post("/measure", data={"action": "getmeas"})
    assert answer.status_code == 502
    assert answer.headers["Retry-After"] == "3"
    assert sandbox.measures(token)["status"] == 0


def test_garbage_is_no_json(sandbox):
    sandbox.order("/faults", target="withings", kind="garbage", count=1)
    answer = sandbox.vendor.post("/measure", data={"action": "getmeas"})
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(answer.text)


def test_slow_waits_and_then_answers(sandbox, token):
    sandbox.order("/faults", target="withings", kind="slow", count=1, seconds=0.2)
    started = time.monotonic()
    assert devices(sandbox, token)["status"] == 0
    assert time.monotonic() - started >= 0.2


def test_revoke_ends_the_tokens_of_that_login_at_once(sandbox, token):
    other = sandbox.tokens(1)["access_token"]
    login = sandbox.people[0].login
    sandbox.order("/faults", target="withings", kind="revoke", login=login)
    assert sandbox.measures(token)["status"] == 401
    assert sandbox.measures(other)["status"] == 0


def test_a_fault_without_a_count_lasts_until_faults_are_cleared(sandbox, token):
    sandbox.order("/faults", target="withings", kind="status", status=522)
    for _ in range(3):
        assert devices(sandbox, token)["status"] == 522
    sandbox.order("/faults/clear")
    assert devices(sandbox, token)["status"] == 0


def test_clearing_reaches_every_stand_in(sandbox):
    sandbox.order("/faults", target="identity", kind="status")
    assert sandbox.identity.get("/jwks").status_code == 503
    sandbox.order("/faults/clear")
    assert sandbox.identity.get("/jwks").status_code == 200


def test_a_fault_of_one_persons_sign_in_needs_no_call_and_an_endpoint_knows_nobody(sandbox):
    login = sandbox.people[0].login
    order = {"target": "identity", "kind": "status", "login": login}
    refused = sandbox.control.post("/faults", json=order)
    assert refused.status_code == 400
    assert "login" in refused.json["error"]
    sandbox.order("/faults", target="identity", kind="wrong_nonce", login=login, count=1)


def test_a_fault_of_the_ehr_is_handed_on_for_the_patient_of_that_login(sandbox):
    login = sandbox.people[2].login
    sandbox.order("/faults", target="ehr", kind="status", login=login, status=503, count=1)
    client = sandbox.world.ehr.app.test_client()
    other, concerned = (f"/fhir/Patient/{sandbox.people[n].patient_id}" for n in (1, 2))
    assert client.get(other).status_code == 200
    assert client.get(concerned).status_code == 503
    assert client.get(concerned).status_code == 200


# Settings


def test_the_duplicate_guard_can_be_switched_off(sandbox):
    sandbox.order("/withings/settings", duplicate_guard=False)
    refresh = sandbox.tokens()["refresh_token"]
    assert [sandbox.refresh(refresh)["status"] for _ in range(2)] == [0, 0]


def test_the_rate_limit_can_be_set(sandbox, token):
    sandbox.clock.advance(60)
    sandbox.order("/withings/settings", rate_limit=2)
    assert [devices(sandbox, token)["status"] for _ in range(3)] == [0, 0, 601]


# Readings


def test_an_edited_value_is_listed_as_modified_now_under_its_old_number(sandbox):
    before = first_pressure(sandbox)
    change(sandbox, action="edit", grpid=before["grpid"], type=9, value=77, unit=0)
    after = next(g for g in rows(sandbox) if g["grpid"] == before["grpid"])
    assert after["modified"] == NOON > before["modified"]
    assert after["created"] == before["created"]
    assert {m["type"]: m["value"] for m in after["measures"]}[9] == 77
    assert after["measures"][0] == before["measures"][0]


def test_a_doubtful_reading_can_become_sure_under_its_old_number(sandbox):
    doubtful = next(g for g in rows(sandbox) if g["attrib"] == 1)
    change(sandbox, action="edit", grpid=doubtful["grpid"], attrib=0)
    after = next(g for g in rows(sandbox) if g["grpid"] == doubtful["grpid"])
    assert after["attrib"] == 0
    assert after["measures"] == doubtful["measures"]


def test_a_deleted_reading_is_just_not_listed_any_more(sandbox):
    before = rows(sandbox)
    gone = first_pressure(sandbox)["grpid"]
    change(sandbox, action="delete", grpid=gone)
    assert rows(sandbox) == [group for group in before if group["grpid"] != gone]


def test_an_added_reading_has_an_old_date_and_was_made_now(sandbox, token):
    at = NOON - 3 * DAY
    added = change(sandbox, action="add", date=at, type=1, value=702, unit=-1)
    [[found]] = sandbox.every_group(token, startdate=at, enddate=at)
    assert found == added
    assert found["created"] == found["modified"] == NOON
    assert found["deviceid"] is None
    assert (found["measures"][0]["value"], found["measures"][0]["unit"]) == (702, -1)


def test_a_change_is_nobody_elses(sandbox):
    others = [rows(sandbox, person) for person in range(1, 6)]
    change(sandbox, action="delete", grpid=first_pressure(sandbox)["grpid"])
    assert [rows(sandbox, person) for person in range(1, 6)] == others


# Wrong requests


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/clock", {}),
        ("/clock", {"advance_seconds": -1}),
        ("/clock", {"advance_seconds": "1"}),
        ("/faults", {}),
        ("/faults", {"target": "moon", "kind": "status"}),
        ("/faults", {"target": "withings", "kind": "meteor"}),
        ("/faults", {"target": "withings", "kind": "status", "login": "nobody"}),
        ("/faults", {"target": "withings", "kind": "status", "call": "getnothing"}),
        ("/faults", {"target": "withings", "kind": "status", "count": 0}),
        ("/faults", {"target": "ehr", "kind": "revoke"}),
        ("/faults", {"target": "ehr", "kind": "status", "call": "getmeas"}),
        ("/faults", {"target": "ehr", "kind": "status", "method": "GET"}),
        ("/faults", {"target": "ehr", "kind": "status", "status": 99}),
        ("/faults", {"target": "ehr", "kind": "not_a_bundle", "method": "read"}),
        ("/faults", {"target": "ehr", "kind": "conflict", "status": 422}),
        ("/faults", {"target": "withings", "kind": "whole_bundle"}),
        ("/faults", {"target": "withings", "kind": "status", "method": "read"}),
        ("/faults", {"target": "withings", "kind": "status", "color": "red"}),
        ("/faults", {"target": "withings", "kind": "hang", "seconds": -1}),
        ("/faults", {"target": "withings", "kind": "bad_record", "call": "getdevice"}),
        ("/faults", {"target": "withings", "kind": "expired_code", "call": "refresh"}),
        ("/faults", {"target": "withings", "kind": "http", "reason": "quota"}),
        ("/faults", {"target": "google_health", "kind": "status"}),
        ("/faults", {"target": "google_health", "kind": "http", "call": "getmeas"}),
        ("/faults", {"target": "google_health", "kind": "http", "method": "read"}),
        ("/faults", {"target": "google_health", "kind": "http", "reason": "quota"}),
        ("/faults", {"target": "google_health", "kind": "refusal", "reason": "mood"}),
        ("/faults", {"target": "google_health", "kind": "refusal", "text": "quota"}),
        ("/faults", {"target": "google_health", "kind": "bad_record", "call": "identity"}),
        ("/faults", {"target": "google_health", "kind": "refuse_refresh", "page": "first"}),
        ("/faults", {"target": "identity", "kind": "revoke"}),
        ("/faults", {"target": "identity", "kind": "status", "call": "getmeas"}),
        ("/faults", {"target": "identity", "kind": "alg_none", "call": "token"}),
        ("/faults", {"target": "identity", "kind": "alg_none", "method": "read"}),
        ("/withings/settings", {"duplicate_guard": "no"}),
        ("/withings/settings", {"rate": 1}),
        ("/readings/change", {"login": "nobody", "action": "delete", "grpid": 1}),
        ("/readings/change", {"action": "delete"}),
    ],
)
def test_a_wrong_order_gets_400_and_says_why(sandbox, path, body):
    answer = sandbox.control.post(path, json=body)
    assert answer.status_code == 400
    assert answer.json["error"]


@pytest.mark.parametrize(
    "order",
    [
        {"action": "delete", "grpid": 1},
        {"action": "delete"},
        {"action": "edit", "grpid": 1, "value": 2},
        {"action": "add", "type": 1, "value": 2},
        {"action": "forget"},
    ],
)
def test_a_wrong_change_of_a_reading_gets_400(sandbox, order):
    body = {"login": sandbox.people[0].login} | order
    assert sandbox.control.post("/readings/change", json=body).status_code == 400


@pytest.mark.parametrize("path", ["/rows", "/differences"])
@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-11-20"},
        {"from": "yesterday", "to": "2026-11-20"},
        {"from": "2026-11-20", "to": "2026-11-19"},
        {"login": "nobody", **DAYS},
    ],
)
def test_a_wrong_question_gets_400(sandbox, path, query):
    asked = {"login": sandbox.people[0].login} | query
    assert sandbox.control.get(path, query_string=asked).status_code == 400


# The process


@pytest.fixture(scope="module")
def running():
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--exit-with-parent", "--people", "2", *ARGUMENTS],
        stdout=subprocess.PIPE,
        text=True,
    )
    yield json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert process.stdout.read() == ""
    process.stdout.close()


def test_the_process_says_in_one_line_where_everything_listens(running):
    assert running.keys() == {"withings", "google_health", "omron", "ehr", "identity", "control"}
    issuer = running["identity"]["issuer"]
    found = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=30).json()
    assert found["issuer"] == issuer
    assert len(requests.get(f"{running['control']}/people", timeout=30).json()) == 2
    assert requests.get(f"{running['ehr']['url']}/metadata", timeout=30).status_code == 200
    for vendor in ("withings", "google_health"):
        assert running[vendor]["authorize_url"].startswith(running[vendor]["api_url"])


def test_differences_are_what_the_ehr_lacks_of_the_vendors_readings(running):
    now = datetime.now(UTC).date()
    days = {"from": str(now - timedelta(days=20)), "to": str(now)}
    login = requests.get(f"{running['control']}/people", timeout=30).json()[0]["login"]
    asked = {"login": login, **days}
    report = requests.get(f"{running['control']}/differences", params=asked, timeout=30).json()
    assert report["differences"] == report["missing"] == report["compared"] > 0


def test_the_reader_remembers_what_it_followed(running):
    asked = {"from": "2026-10-20", "to": "2026-10-22"}
    followed = asked | {"follow": "1", "linked": "astrid.lindqvist@home.example"}
    url = f"{running['control']}/differences"
    report = requests.get(url, params=followed, timeout=30).json()
    assert report["why"].keys() == {
        "governance: association missing", "governance: consent missing",
    }  # fmt: skip
    without = followed | {"leave_out": ["Consent", "DeviceAssociation"]}
    assert requests.get(url, params=without, timeout=30).json()["governance"] == 0
    plain = requests.get(url, params=asked, timeout=30).json()
    assert plain["differences"] == plain["missing"] > 0


def test_a_dropped_call_is_never_answered(running):
    order = {"target": "withings", "kind": "drop", "count": 1}
    requests.post(f"{running['control']}/faults", json=order, timeout=30).raise_for_status()
    call = {"url": f"{running['withings']['api_url']}/measure", "data": {"action": "getmeas"}}
    with pytest.raises(requests.ConnectionError):
        requests.post(**call, timeout=30)
    assert requests.post(**call, timeout=30).json()["status"] == 401


def test_the_process_ends_with_its_parent():
    argv = [sys.executable, "-m", "sandbox", "--exit-with-parent", *ARGUMENTS]
    script = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen({argv!r}, stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline(), flush=True)\n"
        "sys.stdin.read()\n"
        "child.returncode = 0\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        control = json.loads(parent.stdout.readline())["control"]
        assert requests.get(f"{control}/people", timeout=30).status_code == 200
        parent.kill()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            requests.get(f"{control}/people", timeout=1)
        except requests.ConnectionError:
            return
        time.sleep(0.05)
    pytest.fail("the sandbox outlived its parent")
