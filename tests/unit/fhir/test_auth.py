"""Signing in at an EHR: what each kind sends, one token for all threads, and what a refusal tells."""

import json
import logging
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from ohx_pipelines.errors import CredentialsRefused, EhrDown, EhrMalformed, SignInRefused
from ohx_pipelines.fhir.answers.session import open_session
from ohx_pipelines.fhir.auth import ASSERTION_TYPE, authorizer
from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.signing_in.signing_keys import new_signing_key
from ohx_pipelines.fhir.signing_in.tokens import MARGIN_SECONDS, REFUSED_SECONDS
from tests.unit.fhir.token_site import JSON, TokenSite, serving

KEY = new_signing_key().private_jwk
SECRETS = ("CANARY-secret", "CANARY-token", json.loads(KEY)["d"])
THREADS = 8


@pytest.fixture
def site():
    given = TokenSite()
    with serving(given.app) as given.url:
        yield given


@pytest.fixture
def connection(site):
    """Give a connection to the site, by default with a secret in the body."""
    nobody_before = new_name()

    def give(auth="client_credentials_body", **changes):
        given = {
            "url": site.base,
            "client_id": "ohx",
            "client_secret": "CANARY-secret",
            "private_key": KEY,
            "timeout_seconds": 5,
            "username": nobody_before,
        }
        return FhirConnection(auth=auth, **given | changes)

    return give


@pytest.fixture
def sign_in(connection):
    """Give the Authorizer of such a connection."""
    sessions = []

    def give(auth="client_credentials_body", **changes):
        chosen = connection(auth, **changes)
        sessions.append(open_session(chosen))
        return authorizer(chosen, sessions[-1])

    yield give
    for session in sessions:
        session.close()


@pytest.fixture
def client(connection):
    opened = []

    def give(*kind, **changes):
        opened.append(connect(connection(*kind, **changes)))
        return opened[-1]

    yield give
    for one in opened:
        one.close()


def new_name():
    """A name that keeps tests apart: tokens are shared by all that sign in alike at one address."""
    return secrets.token_hex(8)


def at_once(*calls):
    barrier = Barrier(len(calls))

    def one(call):
        barrier.wait(60)
        try:
            return call()
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(60) for future in [pool.submit(one, call) for call in calls]]


@pytest.mark.parametrize(
    ("auth", "changes", "header"),
    [
        ("none", {}, None),
        ("bearer", {"token": "t0"}, "Bearer t0"),
        # "user:pass" in base64, RFC 7617.
        ("basic", {"username": "user", "password": "pass"}, "Basic dXNlcjpwYXNz"),
    ],
)
def test_a_fixed_header_asks_nobody_and_cannot_be_renewed(sign_in, site, auth, changes, header):
    one = sign_in(auth, **changes)

    assert one.header() == header
    assert one.renew(header) is False
    assert (site.asked, site.discoveries) == (0, 0)


def test_client_credentials_in_the_body_are_form_fields(sign_in, site):
    assert sign_in(scope="system/Patient.rs").header() == "Bearer token-1"

    assert site.forms == [
        {
            "grant_type": "client_credentials",
            "scope": "system/Patient.rs",
            "client_id": "ohx",
            "client_secret": "CANARY-secret",
        }
    ]
    assert "Authorization" not in site.headers[0]


def test_client_credentials_in_the_header_are_form_encoded_first(sign_in, site):
    given = {"client_id": "o:h x", "client_secret": "ä+/"}
    assert sign_in("client_credentials_basic", **given).header() == "Bearer token-1"

    assert site.forms == [{"grant_type": "client_credentials"}]
    # "o%3Ah+x:%C3%A4%2B%2F" in base64, RFC 6749 section 2.3.1.
    assert site.headers[0]["Authorization"] == "Basic byUzQWgreDolQzMlQTQlMkIlMkY="


def test_a_signed_assertion_goes_with_its_type_and_without_a_secret(sign_in, site):
    sign_in("smart_backend").header()

    [form] = site.forms
    assert form.pop("client_assertion").count(".") == 2
    assert form == {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}


def test_an_address_that_is_set_is_used_without_asking_the_ehr(sign_in, site):
    site.configuration = (200, {"token_endpoint": "https://elsewhere.example/token"}, JSON)

    assert sign_in(token_url=site.token_url).header() == "Bearer token-1"
    assert site.discoveries == 0


def test_a_token_serves_many_requests(client, site):
    ehr = client()
    for _ in range(3):
        assert ehr.read("Patient", "p1")["id"] == "p1"

    assert site.asked == 1
    assert site.reads == ["Bearer token-1"] * 3


@pytest.mark.parametrize(
    ("lasts", "seconds"),
    [(300, 270), (3600, 3570), ("300", 270), (None, 270), ("soon", 270), (-5, 270), (40, 20)],
)
def test_a_token_is_given_up_30_seconds_before_its_end(sign_in, site, lasts, seconds):
    site.lasts = lasts
    token = sign_in().requests.fetch()

    assert token.ends_at - time.monotonic() == pytest.approx(seconds, abs=10)
    assert MARGIN_SECONDS == 30


def test_a_token_that_has_ended_is_fetched_again_before_the_request(client, site):
    site.lasts = 0.2
    ehr = client()
    ehr.read("Patient", "p1")
    time.sleep(0.25)
    ehr.read("Patient", "p1")

    assert site.reads == ["Bearer token-1", "Bearer token-2"]


def test_eight_threads_with_clients_of_their_own_make_one_token_request(client, site):
    site.slow_seconds = 0.3
    ehrs = [client() for _ in range(THREADS)]

    found = at_once(*[lambda ehr=ehr: ehr.read("Patient", "p1")["id"] for ehr in ehrs])

    assert found == ["p1"] * THREADS
    assert site.asked == 1
    assert set(site.reads) == {"Bearer token-1"}


def test_other_credentials_get_another_token(sign_in, site):
    one, other = sign_in(), sign_in(client_secret="CANARY-other")

    assert (one.header(), other.header()) == ("Bearer token-1", "Bearer token-2")


def test_a_token_that_is_refused_is_renewed_once_for_all_threads(client, site):
    ehr = client()
    ehr.read("Patient", "p1")
    site.valid, site.slow_seconds = {"Bearer token-2"}, 0.2

    found = at_once(*[lambda: ehr.read("Patient", "p1")["id"]] * THREADS)

    assert found == ["p1"] * THREADS
    assert site.asked == 2


def test_a_second_refusal_ends_the_request_and_says_so(client, site):
    site.valid = set()

    with pytest.raises(CredentialsRefused) as caught:
        client().read("Patient", "p1")

    assert caught.value.status == 401
    assert site.reads == ["Bearer token-1", "Bearer token-2"]
    assert site.asked == 2


def test_an_ehr_that_refuses_every_token_costs_no_token_for_each_request(client, site):
    site.valid = set()
    ehr = client()

    for _ in range(5):
        with pytest.raises(CredentialsRefused):
            ehr.read("Patient", "p1")

    # One to begin with, one instead of it.
    assert site.asked == 2


def test_the_same_token_again_is_not_worth_a_try(sign_in, site):
    site.renewable = False
    one = sign_in()

    assert one.renew(one.header()) is False


def test_a_header_that_somebody_renewed_meanwhile_is_not_renewed_again(sign_in, site):
    one = sign_in()
    old = one.header()
    assert one.renew(old) is True
    assert one.renew(old) is True

    assert (one.header(), site.asked) == ("Bearer token-2", 2)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, {"error": "invalid_client", "error_description": "CANARY"}, "ohx ehr keys"),
        (401, {"error": "invalid_client"}, "ohx ehr keys"),
        (400, {"error": "invalid_scope"}, "OHX_EHR__SCOPE"),
        (400, {"error": "unauthorized_client"}, "may not use client credentials"),
        (400, {"error": "unsupported_grant_type"}, "another kind of auth"),
        (400, {"error": "CANARY"}, "ohx ehr list"),
        (403, "CANARY", "ohx ehr list"),
        (404, "CANARY", "ohx ehr list"),
        (302, "https://CANARY.example/token", "ohx ehr list"),
    ],
)
def test_a_refused_token_says_what_to_do_in_our_words(client, site, status, body, said):
    site.answer = (status, body, JSON)

    with pytest.raises(SignInRefused, match=f"HTTP {status}") as caught:
        client().read("Patient", "p1")

    assert (caught.value.code, caught.value.detail) == ("ehr_rejected", "ehr_auth")
    assert said in str(caught.value)
    assert "CANARY" not in str(caught.value)
    # Nothing was asked of the EHR without a token, and no 404 was read as "no such patient".
    assert site.reads == []
    assert site.asked == 1


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_token_server_in_trouble_is_an_ehr_that_is_down(sign_in, site, status):
    site.answer = (status, "CANARY", "text/html")

    with pytest.raises(EhrDown) as caught:
        sign_in().header()

    assert caught.value.status == status
    assert "CANARY" not in str(caught.value)


def test_a_token_server_that_does_not_answer_is_down_and_its_address_is_not_told(sign_in):
    with pytest.raises(EhrDown) as caught:
        sign_in(token_url="http://127.0.0.1:1/CANARY").header()

    assert "CANARY" not in str(caught.value)


def test_a_slow_token_server_is_given_up_in_time_and_the_waiting_do_not_wait_again(sign_in, site):
    site.slow_seconds = 6
    given = {"timeout_seconds": 1.5, "token_url": site.token_url}
    ones = [sign_in(**given) for _ in range(THREADS)]
    started = time.monotonic()

    found = at_once(*[one.header for one in ones])

    assert {type(one) for one in found} == {EhrDown}
    assert len({id(one) for one in found}) == THREADS
    assert site.asked == 1
    assert time.monotonic() - started < 5


def test_a_refusal_is_believed_for_a_while_so_that_no_server_locks_us_out(sign_in, site):
    one = sign_in()
    site.answer = (400, {"error": "invalid_client"}, JSON)

    for _ in range(5):
        with pytest.raises(SignInRefused, match="ohx ehr keys"):
            one.header()
    assert site.asked == 1
    assert REFUSED_SECONDS == 10


def test_after_a_failure_the_next_one_who_comes_asks_again(sign_in, site):
    one = sign_in()
    site.answer = (503, "", JSON)
    with pytest.raises(EhrDown):
        one.header()
    site.answer = None

    assert one.header() == "Bearer token-2"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html>CANARY</html>", "text/html"),
        ("[" * 100_000, JSON),
        (["CANARY"], JSON),
        ({"access_token": "", "token_type": "Bearer"}, JSON),
        ({"access_token": "CANARY\r\nX: y", "token_type": "Bearer"}, JSON),
        ({"access_token": "CANARY-ä", "token_type": "Bearer"}, JSON),
        ({"access_token": 7, "token_type": "Bearer"}, JSON),
        ({"access_token": "CANARY", "token_type": "mac"}, JSON),
    ],
)
@pytest.mark.usefixtures("collector_waits")
def test_what_is_no_bearer_token_is_not_used(sign_in, site, body, kind):
    site.answer = (200, body, kind)

    with pytest.raises(EhrMalformed) as caught:
        sign_in().header()

    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("auth", "lacks", "said"),
    [
        ("bearer", "token", "a bearer token"),
        ("basic", "username", "a user name"),
        ("basic", "password", "a password"),
        ("client_credentials_body", "client_secret", "a client secret"),
        ("client_credentials_basic", "client_id", "a client id"),
        ("smart_backend", "private_key", "`ohx ehr keys`"),
        ("CANARY", "token", "unknown kind"),
    ],
)
def test_a_connection_that_lacks_something_is_refused_when_it_is_used(
    sign_in, site, auth, lacks, said
):
    one = sign_in(auth, **{lacks: None})

    with pytest.raises(SignInRefused, match=said) as caught:
        one.header()
    assert "CANARY" not in str(caught.value)
    assert (one.renew(None), site.asked) == (False, 0)


@pytest.mark.parametrize("token", ["CANARY\n", "CANARY\r\nX-Evil: 1", "CANARY\u2019"])
def test_a_bearer_token_that_fits_no_header_is_said_to_be_wrong_and_not_the_ehr(client, token):
    with pytest.raises(SignInRefused, match="bearer token") as caught:
        client("bearer", token=token).read("Patient", "p1")

    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        (404, "CANARY", "text/html"),
        (401, {"token_endpoint": "https://CANARY.example"}, JSON),
        (307, "http://127.0.0.1:1/CANARY", JSON),
        (200, "CANARY", JSON),
        (200, ["CANARY"], JSON),
        (200, {"token_endpoint": None}, JSON),
    ],
)
def test_an_ehr_without_a_discovery_document_says_which_setting_helps(sign_in, site, answer):
    site.configuration = answer

    with pytest.raises(SignInRefused, match="OHX_EHR__TOKEN_URL") as caught:
        sign_in().header()

    assert "CANARY" not in str(caught.value)
    assert site.asked == 0


@pytest.mark.parametrize("status", [429, 503])
def test_an_ehr_in_trouble_while_it_is_asked_for_its_token_endpoint_is_down(sign_in, site, status):
    site.configuration = (status, "CANARY", "text/html")

    with pytest.raises(EhrDown):
        sign_in().header()


@pytest.mark.parametrize("auth", ["client_credentials_body", "smart_backend", "bearer", "basic"])
def test_nothing_secret_is_in_a_repr_or_a_log(sign_in, connection, site, caplog, auth):
    given = {"token": "CANARY-token", "username": "u", "password": "CANARY-secret"}
    with caplog.at_level(logging.DEBUG):
        one = sign_in(auth, **given)
        header = one.header()

    said = f"{one!r} {one} {connection(auth, **given)!r} {caplog.text}"
    assert [secret for secret in (*SECRETS, header) if secret in said] == []
