"""Google's API lets call what the vendor's tables say, and refuses the rest in the vendor's words."""

from dataclasses import replace

import pytest

from sandbox.google_health.accounts import health_user_id
from tests.unit.sandbox.google_health.google_parts import (
    ACTIVITY,
    ECG,
    HAND,
    HEALTH,
    IRN,
    OTHER_APP,
    SETTINGS,
    SLEEP,
    WATCH,
    Google,
    point,
    refusal,
    scope,
)

# By the vendor's table: what each type answers to, L list, R reconcile, U rollUp, D dailyRollUp.
TABLE = """
steps LRUD A
distance LRUD A
floors RUD A
altitude LRUD A
active-energy-burned LRUD A
basal-energy-burned LR A
total-calories UD A
active-minutes LRUD A
active-zone-minutes LRUD A
activity-level LRU A
sedentary-period LRUD A
time-in-heart-rate-zone LRUD A
calories-in-heart-rate-zone UD A
swim-lengths-data LRUD A
run-vo2-max LRUD A
vo2-max LR A
daily-vo2-max LR A
exercise LR A
heart-rate LRUD H
heart-rate-variability LR H
oxygen-saturation LR H
respiratory-rate-sleep-summary LR H
daily-resting-heart-rate LR H
daily-heart-rate-variability LR H
daily-heart-rate-zones LR H
daily-oxygen-saturation LR H
daily-respiratory-rate LR H
daily-sleep-temperature-derivations LR H
weight LRUD H
body-fat LRUD H
height LR H
blood-glucose LRUD H
core-body-temperature LRUD H
sleep LR S
electrocardiogram L E
irregular-rhythm-notification L I
hydration-log LRUD N
nutrition-log LRUD N
"""
SCOPES = {
    "A": ACTIVITY, "H": HEALTH, "S": SLEEP, "E": ECG, "I": IRN, "N": scope("nutrition"),
}  # fmt: skip
ROWS = [line.split() for line in TABLE.split("\n") if line]
SPOKEN = {
    "list": "List", "reconcile": "Reconcile", "rollUp": "Rollup", "dailyRollUp": "DailyRollup",
}  # fmt: skip
LETTERS = {"list": "L", "reconcile": "R", "rollUp": "U", "dailyRollUp": "D"}
WRONG_TYPES = (
    "blood-pressure", "body-temperature", "lean-body-mass", "bone-mass", "body-water-mass",
    "basal-metabolic-rate", "respiratory-rate", "readiness", "stress", "sleep-score",
    "heart_rate", "heartRate",
)  # fmt: skip
NOT_IN_THE_SANDBOX = 501


@pytest.fixture
def google():
    return Google()


def ask(google, token, type_, method):
    """The simplest right call of a method."""
    if method in {"list", "reconcile"}:
        return google.points(token, type_, method)
    if method == "dailyRollUp":
        return google.days(token, type_, "2026-11-18", "2026-11-19")
    span = {"startTime": "2026-11-18T00:00:00Z", "endTime": "2026-11-19T00:00:00Z"}
    return google.roll_up(token, type_, {"range": span, "windowSize": "3600s"}, "rollUp")


# Which type has which method and scope


@pytest.mark.parametrize("method", LETTERS)
@pytest.mark.parametrize(("type_", "letters", "_scope"), ROWS)
def test_a_type_has_the_methods_of_the_table_and_no_other(google, type_, letters, _scope, method):
    token = google.access(scope=" ".join(SCOPES.values()))
    answer = ask(google, token, type_, method)
    if LETTERS[method] in letters:
        assert answer.status_code in {200, NOT_IN_THE_SANDBOX}
        return
    assert refusal(answer) == (400, "INVALID_ARGUMENT", "UNSUPPORTED_DATA_TYPE_ACTION")
    message = answer.json["error"]["message"]
    assert message.startswith(f"{SPOKEN[method]} is not supported for data type {type_}, ")


@pytest.mark.parametrize("type_", [type_ for type_, letters, _ in ROWS if "D" in letters])
def test_what_the_sandbox_cannot_sum_up_never_reads_as_a_day_without_data(google, type_):
    answer = ask(google, google.access(scope=" ".join(SCOPES.values())), type_, "dailyRollUp")
    if type_ in {"nutrition-log", "hydration-log"}:
        assert refusal(answer)[:2] == (NOT_IN_THE_SANDBOX, "UNIMPLEMENTED")
    else:
        assert (answer.status_code, answer.json) == (200, {})


def test_the_refusal_of_a_method_names_those_that_there_are(google):
    error = google.points(google.access(), "floors").json["error"]
    assert error["message"] == (
        "List is not supported for data type floors, but the following actions are supported: "
        "reconcile, rollup, dailyRollup"
    )
    assert error["details"][0]["metadata"]["allowed_actions"] == "reconcile, rollup, dailyRollup"


@pytest.mark.parametrize(("type_", "letters", "letter"), ROWS)
def test_each_type_needs_its_own_scope_and_no_other(google, type_, letters, letter):
    method = "list" if "L" in letters else "dailyRollUp"
    own = SCOPES[letter]
    others = " ".join(one for one in (*SCOPES.values(), SETTINGS) if one != own)
    assert ask(google, google.access(0, scope=own), type_, method).status_code in {200, 501}
    answer = ask(google, google.access(1, scope=others), type_, method)
    assert refusal(answer) == (403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")


def test_the_refusal_of_a_scope_has_the_vendors_whole_body(google):
    answer = google.points(google.access(scope=SETTINGS), "weight")
    (info,) = answer.json["error"]["details"]
    assert info == {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": "health.googleapis.com"},
    }


@pytest.mark.parametrize("method", LETTERS)
@pytest.mark.parametrize("type_", WRONG_TYPES)
def test_an_unknown_type_is_an_invalid_collection(google, type_, method):
    answer = ask(google, google.access(), type_, method)
    assert refusal(answer) == (400, "INVALID_ARGUMENT", "INVALID_PARENT_DATA_TYPE_COLLECTION")


# Accounts


def test_identity_answers_to_any_scope(google):
    for number, one in enumerate((ACTIVITY, ECG, SETTINGS)):
        answer = google.get(google.access(number, scope=one), "identity")
        person = google.people[number]
        assert answer.json["healthUserId"] == health_user_id(person)


@pytest.mark.parametrize(
    ("path", "needed"), [("settings", SETTINGS), ("pairedDevices", SETTINGS), ("irnProfile", IRN)]
)
def test_what_is_about_the_account_needs_its_scope(google, path, needed):
    assert google.get(google.access(scope=needed), path).status_code == 200
    others = " ".join(one for one in (*SCOPES.values(), SETTINGS) if one != needed)
    answer = google.get(google.access(1, scope=others), path)
    assert refusal(answer) == (403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")


def test_settings_tell_the_zone(google):
    assert google.get(google.access(), "settings").json["timeZone"] == "Europe/Stockholm"


@pytest.mark.parametrize(("size", "pages"), [(None, 3), (2, 6), (100, 1), (1_000, 2)])
def test_paired_devices_come_five_to_a_page_unasked_and_a_hundred_at_most(google, size, pages):
    many = 101 if size == 1_000 else 12
    google.store.devices = [{"name": f"users/me/pairedDevices/{n}"} for n in range(many)]
    token, found, seen, more = google.access(), [], 0, {} if size is None else {"pageSize": size}
    while True:
        answer = google.get(token, "pairedDevices", **more).json
        found, seen = found + answer["pairedDevices"], seen + 1
        if "nextPageToken" not in answer:
            break
        more["pageToken"] = answer["nextPageToken"]
    assert (found, seen) == (google.store.devices, pages)


def test_an_account_is_reached_by_its_number_as_by_me(google):
    token, person = google.access(), google.people[0]
    assert google.get(token, "identity", user=health_user_id(person)).status_code == 200


def test_another_persons_account_is_refused_and_nobodys_is_not_found(google):
    token, other = google.access(), google.people[1]
    answer = google.get(token, "identity", user=health_user_id(other))
    assert refusal(answer)[:2] == (403, "PERMISSION_DENIED")
    assert refusal(google.get(token, "identity", user="12345"))[:2] == (404, "NOT_FOUND")


def test_an_account_without_a_health_profile_is_refused_in_every_call(google):
    token, other = google.access(), google.access(1)
    google.settings.not_linked.add(google.people[0].login)
    for path in ("identity", "settings", "dataTypes/weight/dataPoints"):
        answer = google.get(token, path)
        assert refusal(answer) == (400, "FAILED_PRECONDITION", "ACCOUNT_NOT_LINKED")
        metadata = answer.json["error"]["details"][0]["metadata"]
        assert metadata["redirect_uri"] == "https://fitbit.google.com/auth/signup"
    assert google.get(other, "identity").status_code == 200


# Tokens


def test_a_call_without_a_token_is_unauthenticated(google):
    answer = google.get(None, "identity")
    assert refusal(answer) == (401, "UNAUTHENTICATED", "CREDENTIALS_MISSING")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_made_up_token_is_unauthenticated_without_details(google):
    answer = google.get("ya29.made-up", "identity")
    assert refusal(answer) == (401, "UNAUTHENTICATED", None)
    assert "details" not in answer.json["error"]
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_an_expired_token_is_unauthenticated(google):
    token = google.access()
    google.clock.advance(3_600)
    assert refusal(google.points(token, "weight"))[:2] == (401, "UNAUTHENTICATED")


def test_a_refresh_token_opens_no_data(google):
    assert refusal(google.get(google.link()["refresh_token"], "identity"))[0] == 401


# Addresses and parameters


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/v4/users/me/nothing"),
        ("GET", "/v3/users/me/identity"),
        ("POST", "/v4/users/me/dataTypes/weight/dataPoints"),
        ("GET", "/v4/users/me/dataTypes/steps/dataPoints:dailyRollUp"),
        ("POST", "/v4/users/me/dataTypes/steps/dataPoints:reconcile"),
        ("POST", "/v4/users/me/dataTypes/steps/dataPoints:dailyRollup"),
    ],
)
def test_an_unknown_address_or_verb_is_a_page_and_no_json(google, verb, path):
    headers = {"Authorization": f"Bearer {google.access()}"}
    answer = google.web.open(path, method=verb, headers=headers)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert google.cloud.calls.total()["unknown"] == 1


def test_an_unknown_parameter_is_refused(google):
    answer = google.points(google.access(), "weight", startDate="2026-11-14")
    assert refusal(answer)[:2] == (400, "INVALID_ARGUMENT")


# Families of data sources


def family(name, user="me"):
    return {"dataSourceFamily": f"users/{user}/dataSourceFamilies/{name}"}


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("all-sources", ["4", "3", "2", "1"]),
        ("google-sources", ["4", "3", "2", "1"]),
        ("google-wearables", ["1"]),
        ("self-sources", []),
    ],
)
def test_a_family_narrows_a_list(google, name, ids):
    google.store.points = [
        point("weight", "2026-11-18T06:00Z", number="1"),
        point("weight", "2026-11-18T07:00Z", number="2", source=HAND),
        point("weight", "2026-11-18T08:00Z", number="3", source=OTHER_APP),
        point("weight", "2026-11-18T09:00Z", number="4", source=replace(WATCH, method="MANUAL")),
    ]
    answer = google.points(google.access(), "weight", **family(name)).json
    names = [one["name"].rpartition("/")[2] for one in answer.get("dataPoints", [])]
    assert names == ids


def test_a_family_is_asked_for_by_its_whole_name(google):
    token, person = google.access(), google.people[0]
    by_number = family("all-sources", health_user_id(person))
    assert google.points(token, "weight", **by_number).status_code == 200
    answer = google.points(token, "weight", dataSourceFamily="all-sources")
    assert refusal(answer)[2] == "INVALID_DATA_POINT_DATA_SOURCE_FAMILY"


def test_the_list_of_sleep_takes_no_family(google):
    token = google.access()
    assert refusal(google.points(token, "sleep", **family("all-sources")))[0] == 400
    assert google.points(token, "sleep", "reconcile", **family("all-sources")).status_code == 200


# What is shown


def test_a_list_shows_sources_and_a_reconciled_stream_shows_none(google):
    google.store.points = [
        point("weight", "2026-11-18T06:00Z", {"weightGrams": 71350}, number="1"),
        point("weight", "2026-11-18T06:01Z", {"weightGrams": 71300}, number="2", source=OTHER_APP),
    ]
    token = google.access()
    listed = google.points(token, "weight").json["dataPoints"]
    merged = google.points(token, "weight", "reconcile").json["dataPoints"]
    name = f"users/{health_user_id(google.people[0])}/dataTypes/weight/dataPoints/"
    assert [one["name"] for one in listed] == [f"{name}2", f"{name}1"]
    assert [one["dataPointName"] for one in merged] == [f"{name}1"]
    assert listed[1]["dataSource"]["device"]["displayName"] == "Charge 6"
    assert listed[1]["weight"]["weightGrams"] == 71350
    assert merged[0].keys() == {"dataPointName", "weight"}


def test_an_empty_answer_is_an_empty_object(google):
    token = google.access()
    assert google.points(token, "weight").json == {}
    assert google.points(token, "steps", "reconcile").json == {}
    assert google.days(token, "steps", "2026-11-18", "2026-11-19").json == {}
    assert google.get(token, "pairedDevices").json == {}


# Counting


def test_calls_are_counted_by_type_and_method_and_by_person(google):
    given = google.link()
    token = given["access_token"]
    google.points(token, "weight")
    google.points(token, "sleep", "reconcile")
    google.days(token, "steps", "2026-11-18", "2026-11-19")
    google.get(token, "identity")
    google.refresh(given["refresh_token"])
    google.points(google.access(1), "weight")
    google.revoke(token)
    total = {
        "exchange": 2, "refresh": 1, "revoke": 1, "identity": 1,
        "weight:list": 2, "sleep:reconcile": 1, "steps:dailyRollUp": 1,
    }  # fmt: skip
    assert google.cloud.calls.total() == total
    assert google.cloud.calls.by_login()[google.people[1].login] == {
        "exchange": 1,
        "weight:list": 1,
    }
    assert google.cloud.token_calls.total() == {"exchange": 2, "refresh": 1}


def test_refused_calls_count_too(google):
    google.points(google.access(), "floors")
    google.points("ya29.made-up", "weight")
    google.token_call(grant_type="password")
    counted = google.cloud.calls.total()
    assert (counted["floors:list"], counted["weight:list"], counted["unknown"]) == (1, 1, 1)
