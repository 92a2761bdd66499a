"""The log: no token, code, state, name or address ever enters it, at any level."""

from __future__ import annotations

import logging

from ohx_pipelines.errors import VendorDown


def test_no_secret_of_a_whole_visit_is_logged(visit, new_visit, vendor, identity, ehr, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = ["access-CANARY", "refresh-CANARY", "code-CANARY", "client-secret", "s" * 40]

    location = visit.post("/sign-in").location
    back = identity.approve(location, subject="subject-CANARY")
    secrets += [*_values(location), *_values(back), "subject-CANARY", "Patient/p1"]
    visit.get(back)
    state = visit.start()
    link = visit.come_back(state=state, code="code-CANARY").location.split("/")[2]
    visit.get(f"/links/{link}/confirm")
    visit.come_back(state=state, code="code-CANARY")
    vendor.exchange_error = VendorDown("text-CANARY")
    other = visit.start()
    visit.come_back(state=other, code="code-CANARY")
    visit.get("/nowhere?q=query-CANARY")
    secrets += [state, other, "text-CANARY", "query-CANARY", visit.csrf()]

    assert f"event=account_linked provider=withings link={link}" in caplog.text
    for secret in secrets:
        assert secret not in caplog.text


def test_no_parameter_of_a_request_is_shown(patient):
    canary = "%3Cb%3ECANARY"
    for path in (
        "/",
        "/connect/withings",
        "/nowhere",
        "/sign-in/return",
        "/api/base/provider-links/withings/oauth2_callback/",
    ):
        query = f"code={canary}&state={canary}&error={canary}&error_description={canary}"
        answer = patient.get(f"{path}?{query}")
        assert "CANARY" not in answer.text, path
        assert all("CANARY" not in value for name, value in answer.headers if name != "Set-Cookie")


def _values(url):
    query = url.split("?", 1)[1]
    pairs = (pair.split("=", 1) for pair in query.split("&"))
    return [value for key, value in pairs if key in {"state", "nonce", "code", "code_challenge"}]
