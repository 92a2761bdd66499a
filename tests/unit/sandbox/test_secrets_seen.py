"""The list of secrets that passed: a search for leaks is only as good as what it looks for."""

from tests.unit.sandbox.ehr_parts import entry, running_ehr, weight
from tests.unit.sandbox.world_parts import SIGN_IN_CALLBACK, VERIFIER, challenge_of, query_of


def seen(sandbox):
    return {name: set(values) for name, values in sandbox.control.get("/secrets").json.items()}


def signed_in(sandbox):
    asked = {
        "response_type": "code",
        "client_id": "portal",
        "redirect_uri": SIGN_IN_CALLBACK,
        "scope": "openid",
        "state": "state-of-sign-in",
        "nonce": "nonce-of-sign-in",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        "username": sandbox.people[0].username,
    }
    code = query_of(sandbox.identity.post("/authorize", data=asked).location)["code"]
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": SIGN_IN_CALLBACK,
        "code_verifier": VERIFIER,
        "client_id": "portal",
        "client_secret": "oidc-secret",
    }
    return code, sandbox.identity.post("/token", data=fields).json


def test_codes_states_and_both_tokens_of_the_vendor_are_listed(sandbox):
    code = sandbox.code(state="state-of-link")
    first = sandbox.exchange(code)["body"]
    second = sandbox.refresh(first["refresh_token"])["body"]

    found = seen(sandbox)
    assert found["code"] == {code}
    assert found["state"] == {"state-of-link"}
    assert found["access_token"] == {first["access_token"], second["access_token"]}
    assert found["refresh_token"] == {first["refresh_token"], second["refresh_token"]}


def test_what_a_sign_in_proves_itself_with_is_listed(sandbox):
    code, answer = signed_in(sandbox)

    found = seen(sandbox)
    assert found["code"] == {code}
    assert found["state"] == {"state-of-sign-in"}
    assert found["nonce"] == {"nonce-of-sign-in"}
    assert found["code_verifier"] == {VERIFIER}
    assert found["id_token"] == {answer["id_token"]}
    assert found["access_token"] == {answer["access_token"]}


def test_a_code_and_its_verifier_are_listed_although_the_token_endpoint_is_down(sandbox):
    sandbox.order("/faults", target="identity", kind="status", call="token")

    code, answer = signed_in(sandbox)

    assert answer is None
    assert seen(sandbox)["code_verifier"] == {VERIFIER}
    assert seen(sandbox)["code"] == {code}


def test_tokens_of_an_answer_that_breaks_off_are_listed_as_far_as_they_came(sandbox):
    sandbox.order("/faults", target="withings", kind="truncated", call="requesttoken")
    code = sandbox.code()
    asked = {
        "action": "requesttoken",
        "grant_type": "authorization_code",
        "client_id": "app",
        "client_secret": "app-secret",
        "code": code,
        "redirect_uri": "https://portal.example/oauth2_callback/",
    }
    text = sandbox.vendor.post("/v2/oauth2", data=asked).text

    for token in seen(sandbox)["access_token"]:
        assert token in text
    assert seen(sandbox)["code"] == {code}


def test_an_error_of_the_vendor_can_say_what_a_test_wants(sandbox):
    sandbox.order("/faults", target="withings", kind="http", status=500, text="said <b>", count=1)
    page = sandbox.vendor.post("/measure", data={"action": "getmeas"})
    assert (page.status_code, page.text) == (500, "<html><body>said <b></body></html>")

    sandbox.order("/faults", target="withings", kind="status", status=293, text="said", count=1)
    envelope = sandbox.vendor.post("/measure", data={"action": "getmeas"}).json
    assert (envelope["status"], envelope["error"]) == (293, "said")


def test_an_ehr_that_echoes_repeats_what_it_refuses():
    with running_ehr() as ehr:
        ehr.faults.add("entry_status", count=1, echo=True)
        ehr.faults.add("status", count=1, status=400, method="write", patient="bert", echo=True)
        answer = ehr.bundle("batch", entry(weight(value="72.987")))
        [issue] = answer.json()["entry"][0]["response"]["outcome"]["issue"]
        assert "72.987" in issue["diagnostics"]
        refused = ehr.put(weight("w-bert", patient="bert", value="71.123"))
        assert refused.status_code == 400
        assert "71.123" in refused.json()["issue"][0]["diagnostics"]


def test_an_echo_goes_with_refusals_alone(sandbox):
    answer = sandbox.control.post("/faults", json={"target": "ehr", "kind": "drop", "echo": True})
    assert answer.status_code == 400
    assert "echo" in answer.json["error"]
