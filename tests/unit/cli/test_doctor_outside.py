"""What `ohx doctor` says of EHRs, vendors and the identity provider, as their answers are."""

from dataclasses import dataclass, replace

import pytest

from ohx_pipelines.cli.checks.ehr import check_ehr, check_ehrs
from ohx_pipelines.cli.checks.outside import check_identity, check_vendor
from ohx_pipelines.errors import AuthLost, Malformed, RateLimited, VendorDown, VendorRejected
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.settings import OidcSettings
from tests.unit.cli.doctor_parts import BUNDLE, answer, statement
from tests.unit.made_up import MadeUpVendor


@pytest.fixture
def ehr(site):
    """An EHR that is well, its connection signed in as a user."""
    answer(site, "/fhir/metadata", statement())
    answer(site, "/fhir/Observation", BUNDLE)
    answer(site, "/fhir/Device", BUNDLE)
    return EhrConnection(
        id="e",
        name="main",
        url=f"{site.url}/fhir",
        auth="basic",
        username="us",
        credential="CANARY-password",
        timeout_seconds=5,
    )


def test_an_ehr_that_is_well_is_asked_with_the_connections_credentials(site, ehr):
    [finding] = check_ehr(ehr)

    assert (finding.name, finding.level, finding.advice) == ("ehr main", "ok", "")
    assert finding.found.startswith("FHIR R5, takes updates, answered in 0.")
    assert {one.path for one in site.requests} == {
        "/fhir/metadata",
        "/fhir/Observation",
        "/fhir/Device",
    }
    # What "us", a colon and the credential are in base64.
    signed = "Basic dXM6Q0FOQVJZLXBhc3N3b3Jk"
    assert {one.headers.get("Authorization") for one in site.requests} == {signed}


@pytest.mark.parametrize(
    ("metadata", "level", "said", "advice"),
    [
        (statement("4.0.1"), "failed", "does not speak FHIR R5", "FHIR R5 endpoint"),
        (statement(types=("Device",)), "failed", "no update of Observation", "PUT"),
        (
            statement(codes=("read", "create")),
            "failed",
            "no update of Observation and Device",
            "PUT",
        ),
        (statement(updateCreate=False), "warning", "may not choose the ids", "updateCreate"),
        (statement(updateCreate=True), "ok", "takes updates", ""),
        ({"resourceType": "OperationOutcome"}, "failed", "no CapabilityStatement", "FHIR R5"),
        (["CANARY"], "failed", "no CapabilityStatement", "FHIR R5"),
        (
            {"resourceType": "CapabilityStatement", "fhirVersion": "5.0.0", "rest": "CANARY"},
            "failed",
            "no update of Observation and Device",
            "PUT",
        ),
    ],
)
def test_what_a_capability_statement_lacks_is_told(site, ehr, metadata, level, said, advice):
    answer(site, "/fhir/metadata", metadata)

    [finding] = check_ehr(ehr)

    assert finding.level == level
    assert said in finding.found
    assert advice in finding.advice
    assert "CANARY" not in finding.found + finding.advice


@pytest.mark.parametrize("path", ["/fhir/metadata", "/fhir/Observation", "/fhir/Device"])
@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_are_refused_anywhere_are_a_failure(site, ehr, path, status):
    answer(site, path, {"resourceType": "OperationOutcome", "text": "CANARY"}, status=status)

    [finding] = check_ehr(ehr)

    assert finding.level == "failed"
    assert finding.found == f"the EHR does not accept our credentials (HTTP {status})"
    assert "OHX_EHR__*" in finding.advice
    assert "CANARY" not in finding.found + finding.advice


def test_a_token_that_is_refused_is_said_with_what_to_do(site, ehr):
    ehr = replace(ehr, auth="client_credentials_body", client_id="o", token_url=f"{site.url}/token")
    answer(site, "/token", {"error": "invalid_client", "error_description": "CANARY"}, status=400)

    [finding] = check_ehr(ehr)

    assert finding.level == "failed"
    assert "token endpoint refuses us (HTTP 400)" in finding.found
    assert "OHX_EHR__*" in finding.advice
    assert "CANARY" not in finding.found + finding.advice
    assert {one.path for one in site.requests} == {"/token"}


def test_the_checks_requests_carry_the_token(site, ehr):
    ehr = replace(ehr, auth="client_credentials_body", client_id="o", token_url=f"{site.url}/token")
    answer(site, "/token", {"access_token": "t0", "token_type": "bearer"})

    [finding] = check_ehr(ehr)

    assert finding.level == "ok"
    asked = [one for one in site.requests if one.path != "/token"]
    assert {one.headers.get("Authorization") for one in asked} == {"Bearer t0"}


@pytest.mark.parametrize(
    ("mode", "codes", "level", "said"),
    [
        ("conditional-create", ("read", "create"), "ok", "takes creates"),
        ("conditional-create", ("read", "update"), "failed", "no create of"),
        ("conditional-update", ("read", "update"), "ok", "takes updates"),
        ("conditional-update", ("read", "create"), "failed", "no update of"),
    ],
)
def test_what_must_be_listed_depends_on_the_write_mode(site, ehr, mode, codes, level, said):
    answer(site, "/fhir/metadata", statement(codes=codes, updateCreate=False))

    [finding] = check_ehr(replace(ehr, write_mode=mode))

    assert finding.level == level
    assert said in finding.found


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_ehr_that_is_written_blindly_need_not_be_readable(site, ehr, status):
    for path in ("/fhir/Observation", "/fhir/Device"):
        answer(site, path, {"resourceType": "OperationOutcome"}, status=status)
    answer(site, "/fhir/metadata", statement(codes=("update",)))

    [finding] = check_ehr(replace(ehr, write_mode="blind"))

    assert (finding.level, finding.advice) == ("ok", "")
    assert "takes updates" in finding.found


def test_an_ehr_that_is_written_blindly_and_may_be_read_is_a_warning(ehr):
    [_, finding] = check_ehr(replace(ehr, write_mode="blind"))

    assert (finding.name, finding.level) == ("ehr main", "warning")
    assert "`ohx ehr check main`" in finding.advice


def test_blind_writing_needs_ids_of_ours(site, ehr):
    answer(site, "/fhir/metadata", statement(updateCreate=False))

    [finding, _] = check_ehr(replace(ehr, write_mode="blind"))

    assert finding.level == "warning"
    assert "may not choose the ids" in finding.found


def test_a_search_that_an_ehr_does_not_know_says_nothing_of_the_credentials(site, ehr):
    answer(site, "/fhir/Observation", {"resourceType": "OperationOutcome"}, status=400)

    [finding] = check_ehr(ehr)

    assert finding.level == "ok"


def test_an_ehr_that_does_not_answer_is_a_failure(ehr, closed_port, monkeypatch):
    url = f"http://127.0.0.1:{closed_port}/fhir"
    connection = EhrConnection(id="e", name="main", url=url, auth="none", timeout_seconds=5)

    [finding] = check_ehr(connection)

    assert (finding.level, finding.found) == ("failed", "the EHR did not answer")
    assert "can be reached" in finding.advice


def test_every_connection_of_the_store_is_told_also_after_one_that_fails(site, store, ehr):
    for name, url in (("a", "http://127.0.0.1:1/nothing"), ("b", ehr.url)):
        store.save_ehr(
            name=name, url=url, auth="none", username=None, credential=None, timeout_seconds=5
        )

    findings = check_ehrs(store)

    assert [(one.name, one.level) for one in findings] == [("ehr a", "failed"), ("ehr b", "ok")]


def test_a_store_without_a_connection_is_a_warning(store):
    [finding] = check_ehrs(store)

    assert (finding.level, finding.advice) == ("warning", "Start `ohx up` once.")


@dataclass
class Asked(MadeUpVendor):
    """A vendor whose check ends as it is told."""

    error: Exception | None = None

    def check(self):
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("error", "level", "said", "advice"),
    [
        (None, "ok", "accepts the application's id and secret", ""),
        (VendorRejected("x", status=503), "failed", "status 503", "OHX_ACME__CLIENT_SECRET"),
        (AuthLost("x", status=401), "failed", "status 401", "OHX_ACME__CLIENT_ID"),
        (RateLimited("x", status=601), "warning", "asks for a pause", "Nothing to do"),
        (VendorDown("Acme did not answer"), "failed", "Acme did not answer", "can be reached"),
        (Malformed("no JSON", status=200), "failed", "no JSON (status 200)", "can be reached"),
    ],
)
def test_each_end_of_a_vendors_check_has_its_line(error, level, said, advice):
    [finding] = check_vendor(Asked(error=error))

    assert (finding.name, finding.level) == ("vendor acme", level)
    assert said in finding.found
    assert advice in finding.advice


@pytest.fixture
def identity(site):
    """An identity provider that is well: its document, to be changed, and its check."""
    document = {
        "issuer": site.url,
        "authorization_endpoint": f"{site.url}/authorize",
        "token_endpoint": f"{site.url}/token",
        "jwks_uri": f"{site.url}/jwks",
    }
    site.answer_json("/jwks", {"keys": [{"kty": "RSA"}]})

    def check(**changes):
        given = {name: value for name, value in (document | changes).items() if value is not None}
        site.answer_json("/.well-known/openid-configuration", given)
        settings = OidcSettings(issuer=site.url, client_id="c", client_secret="s")
        [finding] = check_identity(settings)
        return finding

    return check


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({}, "ok", "1 signing keys"),
        ({"issuer": "https://CANARY.example"}, "failed", "names another issuer"),
        ({"issuer": None}, "failed", "names another issuer"),
        ({"token_endpoint": None}, "failed", "lacks token_endpoint"),
        ({"authorization_endpoint": None}, "failed", "lacks authorization_endpoint"),
        ({"jwks_uri": None}, "failed", "lacks jwks_uri"),
        ({"jwks_uri": "http://127.0.0.1:1/CANARY"}, "failed", "signing keys cannot be read"),
    ],
)
def test_each_fault_of_a_discovery_document_has_its_line(identity, changes, level, said):
    finding = identity(**changes)

    assert finding.level == level
    assert said in finding.found
    assert bool(finding.advice) is (level == "failed")
    assert "CANARY" not in finding.found + finding.advice


def test_an_issuer_that_ends_with_a_slash_is_the_same_issuer(site, identity):
    assert identity(issuer=f"{site.url}/").level == "ok"


@pytest.mark.parametrize("keys", [{"keys": []}, {"CANARY": 1}, ["CANARY"]])
def test_signing_keys_that_are_none_are_a_failure(site, identity, keys):
    site.answer_json("/jwks", keys)

    assert identity().found == "the identity provider's signing keys cannot be read"


def test_an_issuer_without_a_discovery_document_is_a_failure_that_names_the_setting(site):
    settings = OidcSettings(issuer=site.url, client_id="c", client_secret="s")

    [finding] = check_identity(settings)

    assert finding.level == "failed"
    assert "OHX_OIDC__ISSUER" in finding.advice
