"""Every kind of fault, once, as a client sees it over a real socket from the sandbox's process.

Belongs here: one sandbox, and what each order does to it. Not here: how orders are checked
(`test_control.py`), and what the product makes of it all.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.ehr.faults import KINDS as EHR_KINDS
from sandbox.identity.trouble import KINDS as IDENTITY_KINDS
from sandbox.withings.trouble import KINDS as WITHINGS_KINDS
from tests.sandbox_process import running_sandbox
from tests.unit.sandbox.wire_parts import (
    ARGUMENTS,
    FHIR_JSON,
    PATIENCE_SECONDS,
    Wire,
    bearer,
    body_of,
)

JSON, HTML = "application/json", "text/html"
HANG = {"seconds": 0.4}
SHORT_HANG = {"seconds": 0.05}
DRIP = {"seconds": 0.0002}


def patience(fields):
    """Give the client's time-out: less than a long silence, far more than anything else."""
    return 0.2 if fields is HANG else PATIENCE_SECONDS


@pytest.fixture(scope="module")
def running():
    with running_sandbox(*ARGUMENTS) as sandbox:
        wire = Wire(sandbox)
        sandbox.post("withings/settings", duplicate_guard=False, rate_limit=10_000)
        yield wire


@pytest.fixture
def wire(running):
    yield running
    running.sandbox.post("faults/clear")


@pytest.fixture(scope="module")
def tokens(running):
    """Access tokens of two people, whom no test unlinks."""
    return [running.tokens(person)["access_token"] for person in (0, 1)]


# The vendor

RIGHT = (200, JSON, "status 0")
VENDOR = [
    ("status", {"status": 601, "seconds": 7}, (200, JSON, "status 601")),
    ("status", {"status": 522}, (200, JSON, "status 522")),
    ("http", {"status": 500}, (500, HTML, "no JSON")),
    ("http", {"status": 429, "seconds": 3}, (429, HTML, "no JSON")),
    ("slow", {"seconds": 0.1}, RIGHT),
    ("hang", HANG, "ReadTimeout"),
    ("hang", SHORT_HANG, "ConnectionError"),
    ("drop", {}, "ConnectionError"),
    ("garbage", {}, (200, HTML, "no JSON")),
    ("malformed", {}, (200, JSON, "no JSON")),
    ("drop_after_commit", {}, "ChunkedEncodingError"),
    ("drip", DRIP, RIGHT),
    ("truncated", {}, (200, JSON, "no JSON")),
    ("wrong_type", {}, (200, HTML, "status 0")),
    ("not_an_envelope", {}, (200, JSON, "a list")),
    ("list_body", {}, (200, JSON, "status 0, a list")),
    ("unauthorized", {}, (200, JSON, "status 401")),
]


@pytest.mark.parametrize(("kind", "fields", "expected"), VENDOR)
def test_the_vendor_fails_one_call_of_one_person_in_the_way_that_was_ordered(
    wire, tokens, kind, fields, expected
):
    login = wire.people[0]["login"]
    wire.order("withings", kind, login=login, call="getdevice", count=1, **fields)
    assert wire.seen("devices", tokens[1]) == RIGHT
    assert wire.seen("measures", tokens[0]) == RIGHT
    assert wire.seen("devices", tokens[0], patience=patience(fields)) == expected
    assert wire.seen("devices", tokens[0]) == RIGHT


def grpids(answer):
    return [group["grpid"] for group in answer["body"]["measuregrps"]]


def kinds_of(answer):
    return [{one["type"] for one in group["measures"]} for group in answer["body"]["measuregrps"]]


def extra_of(answer, right):
    """Give the groups that the right answer does not have."""
    return [g for g in answer["body"]["measuregrps"] if g["grpid"] not in grpids(right)]


def is_unreadable(group):
    [only] = group["measures"]
    return "date" not in group and "unit" not in only and isinstance(only["value"], str)


LISTINGS = {
    "duplicate_rows": lambda found, right: (
        sorted(grpids(found)) == sorted(grpids(right) * 2) and grpids(right)
    ),
    "unknown_types": lambda found, right: (
        all(9999 in kinds for kinds in kinds_of(found))
        and [g["measures"][0]["type"] for g in extra_of(found, right)] == [9999]
        and kinds_of(found)[:-1] == [kinds | {9999} for kinds in kinds_of(right)]
    ),
    "bad_record": lambda found, right: [is_unreadable(g) for g in extra_of(found, right)] == [True],
    "paging_loop": lambda found, right: (
        (found["body"]["more"], found["body"]["offset"]) == (1, 0)
        and grpids(found) == grpids(right)
    ),
    "missing_groups": lambda found, right: (
        found["body"].keys() == right["body"].keys() - {"measuregrps"}
    ),
    "empty_listing": lambda found, right: (
        grpids(found) == [] != grpids(right) and not found["body"].get("more")
    ),
    "cut_page": lambda found, right: (
        grpids(found) == grpids(right)[: len(grpids(right)) // 2] != []
        and not found["body"].get("more")
    ),
    "skipped_row": lambda found, right: (
        len(set(grpids(right)) - set(grpids(found))) == 1
        and set(grpids(found)) < set(grpids(right))
    ),
}


@pytest.mark.parametrize("kind", LISTINGS)
def test_a_listing_is_odd_and_no_error_and_nothing_is_different_in_truth(wire, tokens, kind):
    day = time.strftime("%F", time.gmtime(time.time() - 2 * 86_400))
    days = {"login": wire.people[0]["login"], "from": day, "to": day}

    def truth():
        return requests.get(f"{wire.sandbox.control}/rows", params=days, timeout=30).json()

    right, before = wire.measures(tokens[0]).json(), truth()
    wire.order("withings", kind, login=wire.people[0]["login"])
    answer = wire.measures(tokens[0])
    assert answer.status_code == 200
    assert answer.json()["status"] == 0
    assert LISTINGS[kind](answer.json(), right)
    assert truth() == before != []


def test_a_paging_loop_never_gets_further(wire, tokens):
    wire.order("withings", "paging_loop")
    answers = [wire.measures(tokens[0], offset=3).json()["body"] for _ in range(2)]
    assert [(one["more"], one["offset"]) for one in answers] == [(1, 3), (1, 3)]
    assert answers[0]["measuregrps"] == answers[1]["measuregrps"]


def test_an_expired_code_stays_expired(wire):
    wire.order("withings", "expired_code", login=wire.people[2]["login"], count=1)
    code = wire.code(2)
    for _ in range(2):
        refused = wire.exchange(code).json()
        assert (refused["status"], refused["error"]) == (503, "Invalid Params: invalid code")
    assert wire.exchange(wire.code(2)).json()["status"] == 0


def test_a_good_refresh_token_is_refused_as_often_as_ordered(wire):
    token = wire.tokens(2)["refresh_token"]
    wire.order("withings", "refuse_refresh", login=wire.people[2]["login"], count=2)
    for _ in range(2):
        refused = wire.refresh(token).json()
        assert refused["status"] == 503
        assert refused["error"] == "Invalid Params: invalid refresh_token"
    assert wire.refresh(token).json()["status"] == 0


def test_a_reduced_scope_is_granted_and_kept(wire):
    before = wire.tokens(2)
    assert before["scope"] == "user.info,user.metrics"
    wire.order("withings", "reduced_scope", login=wire.people[2]["login"], count=1)
    after = wire.refresh(before["refresh_token"]).json()["body"]
    assert after["scope"] == "user.info"
    assert wire.refresh(after["refresh_token"]).json()["body"]["scope"] == "user.info"
    assert body_of(wire.devices(after["access_token"])) == "status 0"
    assert body_of(wire.measures(after["access_token"])) == "status 2553"


def test_a_revoke_that_was_ordered_is_real(wire):
    token = wire.tokens(3)["access_token"]
    wire.order("withings", "revoke", login=wire.people[3]["login"])
    assert body_of(wire.devices(token)) == "status 401"


# The vendor's token calls: is it done when the client does not hear of it?


@pytest.mark.parametrize(
    ("kind", "done"),
    [("drop", False), ("malformed", False), ("list_body", False),
     ("drop_after_commit", True), ("truncated", True)],
)  # fmt: skip
def test_a_code_is_used_and_a_user_revoked_just_when_the_fault_comes_after_the_work(
    wire, kind, done
):
    login, tokens, code = wire.people[3]["login"], wire.tokens(3), wire.code(3)
    wire.order("withings", kind, login=login, call="requesttoken", count=1)
    assert wire.seen("exchange", code) != RIGHT
    assert (wire.exchange(code).json()["status"] == 503) is done
    wire.order("withings", kind, login=login, call="revoke", count=1)
    assert wire.seen("revoke", tokens["userid"]) != RIGHT
    assert (body_of(wire.devices(tokens["access_token"])) == "status 401") is done


def test_a_nonce_can_be_kept_back(wire):
    wire.order("withings", "http", call="getnonce", status=502, count=1)
    now = str(int(time.time()))
    assert wire.signed("getnonce", f"getnonce,app,{now}", timestamp=now).status_code == 502


# The EHR

WRITTEN = (200, FHIR_JSON, "Bundle 201 422")
EHR = [
    *(
        ("status", {"status": status}, (status, FHIR_JSON, "OperationOutcome"), False)
        for status in (401, 403, 404, 429, 500, 503)
    ),
    ("slow", {"seconds": 0.1}, WRITTEN, True),
    ("hang", HANG, "ReadTimeout", False),
    ("hang", SHORT_HANG, "ConnectionError", False),
    ("drop", {}, "ConnectionError", False),
    ("garbage", {}, (200, HTML, "no JSON"), False),
    ("malformed", {}, (200, FHIR_JSON, "no JSON"), False),
    ("drop_after_commit", {}, "ChunkedEncodingError", True),
    ("drip", DRIP, WRITTEN, True),
    ("truncated", {}, (200, FHIR_JSON, "no JSON"), True),
    ("wrong_type", {}, (200, HTML, "Bundle 201 422"), True),
    ("entry_status", {"status": 403}, (200, FHIR_JSON, "Bundle 403 422"), False),
    ("conflict", {}, (200, FHIR_JSON, "Bundle 409 422"), False),
    ("conflict", {"status": 412}, (200, FHIR_JSON, "Bundle 412 422"), False),
    ("whole_bundle", {}, (422, FHIR_JSON, "OperationOutcome"), False),
    ("not_a_bundle", {}, (200, FHIR_JSON, "OperationOutcome"), True),
    ("missing_entries", {}, (200, FHIR_JSON, "Bundle 201"), True),
]


@pytest.mark.parametrize(("number", "fault"), [*enumerate(EHR)])
def test_the_ehr_fails_one_write_about_one_patient_in_the_way_that_was_ordered(wire, number, fault):
    kind, fields, expected, done = fault
    hit, spared = (person["patient_id"] for person in wire.people[:2])
    wire.order("ehr", kind, login=wire.people[0]["login"], method="write", count=1, **fields)
    assert wire.seen("write", f"spared-{number}", spared) == WRITTEN
    assert wire.seen("read", f"Patient/{hit}")[:2] == (200, FHIR_JSON)
    assert wire.seen("search", hit)[:2] == (200, FHIR_JSON)
    assert wire.seen("write", f"hit-{number}", hit, patience=patience(fields)) == expected
    assert wire.read(f"Observation/hit-{number}").status_code == (200 if done else 404)
    assert wire.seen("write", f"again-{number}", hit) == WRITTEN


@pytest.mark.parametrize("look", ["read", "search"])
def test_a_fault_of_reads_spares_writes(wire, look):
    patient = wire.people[1]["patient_id"]
    wire.order("ehr", "status", method="read", status=404)
    assert wire.seen("write", f"spared-by-{look}", patient) == WRITTEN
    asked = patient if look == "search" else f"Patient/{patient}"
    assert wire.seen(look, asked) == (404, FHIR_JSON, "OperationOutcome")


def test_a_fault_without_a_method_hits_reads_and_writes(wire):
    patient = wire.people[1]["patient_id"]
    wire.order("ehr", "status", status=503, seconds=2)
    assert wire.read(f"Patient/{patient}").headers["Retry-After"] == "2"
    assert wire.write("never", patient).headers["Retry-After"] == "2"


# The identity provider

ID_TOKENS = {
    "wrong_issuer": {"iss"},
    "wrong_audience": {"aud"},
    "wrong_nonce": {"nonce"},
    "wrong_signature": {"signature"},
    "alg_none": {"alg none", "signature"},
    "expired_token": {"exp"},
    # Its one fault is the algorithm: it is signed with what the client holds for secret.
    "hs256_with_client_secret": {"alg HS256"},
    "no_id_token": {"missing"},
}
ENDPOINTS = [
    ("status", {"status": 500}, (500, HTML, "no JSON")),
    ("slow", {"seconds": 0.1}, (200, JSON, "an object")),
    ("hang", HANG, "ReadTimeout"),
    ("drop", {}, "ConnectionError"),
    ("garbage", {}, (200, HTML, "no JSON")),
    ("malformed", {}, (200, JSON, "no JSON")),
]


@pytest.mark.parametrize(("kind", "expected"), ID_TOKENS.items())
def test_an_id_token_of_one_person_is_wrong_in_just_the_way_that_was_ordered(wire, kind, expected):
    wire.order("identity", kind, login=wire.people[0]["login"], count=1)
    assert wire.complaints(wire.sign_in(1).json()) == set()
    assert wire.complaints(wire.sign_in(0).json()) == expected
    assert wire.complaints(wire.sign_in(0).json()) == set()


@pytest.mark.parametrize(("kind", "fields", "expected"), ENDPOINTS)
def test_an_endpoint_of_the_identity_provider_fails_while_the_others_go_on(
    wire, kind, fields, expected
):
    wire.order("identity", kind, call="discovery", count=1, **fields)
    assert wire.complaints(wire.sign_in().json()) == set()
    assert wire.seen("discovery", patience=patience(fields)) == expected
    assert wire.discovery().json()["issuer"] == wire.issuer
    wire.order("identity", "status", call="token", count=1)
    assert wire.sign_in().status_code == 503


# All


def test_every_kind_is_tried(running):
    vendor = {"expired_code", "refuse_refresh", "reduced_scope", "revoke", *LISTINGS}
    assert {kind for kind, *_ in VENDOR} | vendor == WITHINGS_KINDS
    assert {kind for kind, *_ in EHR} == set(EHR_KINDS)
    assert {kind for kind, *_ in ENDPOINTS} | set(ID_TOKENS) == IDENTITY_KINDS


def test_a_dripping_body_outlives_a_read_time_out_and_comes_whole(wire, tokens):
    right = wire.devices(tokens[0]).content
    wire.order("withings", "drip", count=1, seconds=0.001)
    started = time.monotonic()
    url, form = f"{wire.vendor}/v2/user", {"action": "getdevice"}
    answer = requests.post(url, data=form, headers=bearer(tokens[0]), timeout=0.3)
    assert answer.content == right
    assert time.monotonic() - started > 0.3


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_clients_that_go_away_hold_no_thread_of_the_server(wire, tokens, kind):
    def give_up(_):
        url, form = f"{wire.vendor}/v2/user", {"action": "getdevice"}
        try:
            requests.post(
                url, data=form, headers=bearer(tokens[0]), timeout=0.1, stream=True
            ).close()
        except requests.ReadTimeout:
            return True
        return kind == "drip"

    wire.order("withings", kind, seconds=60, count=20)
    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(give_up, range(20)))
    wire.sandbox.post("faults/clear")
    deadline = time.monotonic() + 60
    while wire.seen("devices", tokens[0]) != RIGHT:
        assert time.monotonic() < deadline, "the threads are still held"
