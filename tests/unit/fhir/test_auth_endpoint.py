"""Where tokens come from: which addresses may see a secret of ours, and which may not."""

import base64
from secrets import token_hex

import pytest
import requests

from ohx_pipelines.errors import SignInRefused
from ohx_pipelines.fhir.auth import authorizer
from ohx_pipelines.fhir.connection import FhirConnection
from tests.unit.fhir.token_site import JSON
from tests.wire import Wire


def over(wire, **changes):
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, wire)
    given = {
        "auth": "client_credentials_body",
        "client_id": "ohx",
        "client_secret": "CANARY-secret",
    }
    # Tokens are shared by all that sign in alike at one address: tests are kept apart.
    given |= {"username": token_hex(8)}
    return authorizer(FhirConnection(**given | changes), session)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://ehr.example/fhir", "http://login.example/token"),
        ("https://ehr.example/fhir", "http://127.0.0.1/token"),
        ("https://ehr.example/fhir", "https://127.0.0.1/token"),
        ("https://ehr.example/fhir", "https://localhost/token"),
        ("https://ehr.example/fhir", "https://[::1]/token"),
        ("https://ehr.example/fhir", "https://169.254.169.254/token"),
        ("https://ehr.example/fhir", "https://10.0.0.1/token"),
        ("https://ehr.example/fhir", "https://user:pw@login.example/token"),
        ("https://ehr.example/fhir", "https://login.example/token#x"),
        ("https://ehr.example/fhir", "https://[login.example/token"),
        ("https://ehr.example/fhir", "https://login.example:99999/token"),
        ("https://ehr.example/fhir", "file:///etc/passwd"),
        ("https://ehr.example/fhir", "//login.example/token"),
        ("https://ehr.example/fhir", "/token"),
        ("https://ehr.example/fhir", "https:///token"),
        ("https://ehr.example/fhir", ["https://login.example/token"]),
        ("http://127.0.0.1:1/fhir", "http://login.example/token"),
    ],
)
def test_no_secret_goes_where_a_discovery_document_may_not_point(url, named):
    wire = Wire((200, {"token_endpoint": named}, {"Content-Type": JSON}))
    with pytest.raises(SignInRefused, match="OHX_EHR__TOKEN_URL"):
        over(wire, url=url).header()

    assert [one.url for one in wire.requests] == [f"{url}/.well-known/smart-configuration"]
    assert "Authorization" not in wire.requests[0].headers


def test_an_ehr_may_name_an_authorization_server_on_another_host():
    wire = Wire(
        (200, {"token_endpoint": "https://login.example/token?tenant=1"}, {}),
        (200, {"access_token": "t", "token_type": "bearer"}, {}),
    )

    assert over(wire, url="https://ehr.example/fhir/").header() == "Bearer t"
    assert [one.url for one in wire.requests] == [
        "https://ehr.example/fhir/.well-known/smart-configuration",
        "https://login.example/token?tenant=1",
    ]


@pytest.mark.parametrize(
    "url", ["http://ehr.example/fhir", "ftp://ehr.example/fhir", "ehr.example"]
)
def test_an_ehr_without_tls_is_not_asked_where_tokens_come_from(url):
    wire = Wire()
    with pytest.raises(SignInRefused, match="https"):
        over(wire, url=url).header()

    assert wire.requests == []


def test_an_address_that_is_set_must_be_https_too():
    wire = Wire()
    with pytest.raises(SignInRefused, match="https"):
        over(wire, url="https://ehr.example/fhir", token_url="http://login.example/t").header()

    assert wire.requests == []


def test_a_netrc_does_not_replace_our_credentials(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login CANARY password CANARY\n")
    monkeypatch.setenv("NETRC", str(netrc))
    wire = Wire(
        (200, {"token_endpoint": "https://login.example/token"}, {}),
        (200, {"access_token": "t", "token_type": "bearer"}, {}),
    )

    over(wire, url="https://ehr.example/fhir", auth="client_credentials_basic").header()

    discovery, token = (one.headers.get("Authorization") for one in wire.requests)
    assert discovery is None
    assert base64.b64decode(token.removeprefix("Basic ")).startswith(b"ohx:")
