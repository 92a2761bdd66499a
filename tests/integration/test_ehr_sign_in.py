"""By settings alone: the program signs in at authorization servers that judge what it sends."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex

import pytest
import requests
from click.testing import CliRunner
from joserfc.jwk import ECKey

from oauth_portal.app import create_app
from oauth_portal.services import Services
from ohx_pipelines.cli.main import main
from ohx_pipelines.errors import RightsMissing, SignInRefused
from ohx_pipelines.opening import ehr_client, save_default_ehr
from ohx_pipelines.settings import load_settings
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS
from tests.sandbox_process import running_sandbox
from tests.unit.fhir.foreign_server import Client, foreign_server
from tests.unit.fhir.token_site import serving

ID = "ohx-pipelines"
WRITTEN = (
    "Observation",
    "Device",
    "DeviceDefinition",
    "DeviceAssociation",
    "Provenance",
    "Consent",
)
SCOPE = " ".join([*(f"system/{one}.crus" for one in WRITTEN), "system/Patient.rs"])
SETTINGS = {
    "OHX_IDENTIFIER_SECRET": "i" * 40,
    "OHX_TOKEN_KEY": base64.b64encode(b"k" * 32).decode(),
    "OHX_OIDC__ISSUER": "https://login.example",
    "OHX_OIDC__CLIENT_ID": "portal",
    "OHX_OIDC__CLIENT_SECRET": "secret",
    "OHX_WITHINGS__CLIENT_ID": "app",
    "OHX_WITHINGS__CLIENT_SECRET": "app-secret",
    "OHX_PORTAL__SECRET_KEY": "p" * 40,
    "OHX_EHR__CLIENT_ID": ID,
}


class Foreign:
    """Authlib's authorization server before a made-up EHR; it takes a Basic secret as it is."""

    secret = "plain-secret"

    def __init__(self):
        self.client = Client(ID, SCOPE)
        self.app = foreign_server(self.client)
        self.patient = "p1"

    def register(self, scope=SCOPE, *, secret=None, jwks_uri=None):
        self.client.__init__(ID, scope, secret=secret, jwks_uri=jwks_uri)

    @contextmanager
    def running(self):
        with serving(self.app) as url:
            self.base = f"{url}/r5"
            yield self


@dataclass
class SandboxEhr:
    """The sandbox's EHR, which asks for tokens of its own authorization server."""

    sandbox: object
    secret: str = "s:e c%"

    @property
    def base(self):
        return self.sandbox.addresses["ehr"]["url"]

    @property
    def patient(self):
        return self.sandbox.people[0]["patient_id"]

    def register(self, scope=SCOPE, **proof):
        self.sandbox.post("smart/clients", id=ID, scope=scope, **proof)

    def revoke(self):
        self.sandbox.post("smart/revoke")

    def granted(self):
        return self.sandbox.calls()["smart_tokens"]["granted"]


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*SANDBOX_ARGUMENTS) as running:
        running.post("ehr/settings", token_required=True)
        yield SandboxEhr(running)


@pytest.fixture(params=["foreign", "sandbox"])
def ehr(request):
    if request.param == "sandbox":
        yield request.getfixturevalue("sandbox")
        return
    with Foreign().running() as foreign:
        yield foreign


@pytest.fixture
def settings(monkeypatch, tmp_path, database_url):
    """Set the settings, with changes; give them as they are read."""
    monkeypatch.chdir(tmp_path)

    def give(ehr, **changes):
        given = SETTINGS | {"OHX_DATABASE_URL": database_url, "OHX_EHR__URL": ehr.base}
        for name, value in (given | {f"OHX_EHR__{n}": v for n, v in changes.items()}).items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return give


@pytest.fixture
def start(store, settings):
    """Save the default connection as a start does; give a client on what is stored."""
    opened = []

    def give(ehr, **changes):
        saved = save_default_ehr(store, settings(ehr, **changes).ehr)
        opened.append(ehr_client(store.ehr(saved.id)))
        return opened[-1]

    yield give
    for one in opened:
        one.close()


@pytest.fixture
def jwks_uri(store, settings):
    """The portal's page of public keys, served."""

    @contextmanager
    def give(ehr):
        own = Services(settings=settings(ehr), store=store, providers={}, ehr_client=ehr_client)
        with serving(create_app(own)) as url:
            yield f"{url}/.well-known/jwks.json"

    return give


def ohx(*arguments):
    ended = CliRunner().invoke(main, arguments)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_a_key_of_ours_that_the_server_reads_from_the_link_page_signs_us_in(
    ehr, start, jwks_uri, algorithm
):
    start(ehr, AUTH="smart_backend")
    ohx("ehr", "keys", "default", "--algorithm", algorithm)

    with jwks_uri(ehr) as address:
        ehr.register(jwks_uri=address)
        found = start(ehr, AUTH="smart_backend").read("Patient", ehr.patient)

    assert found["id"] == ehr.patient


@pytest.mark.parametrize("how", [[], ["--at-once"]], ids=["in an hour", "at once"])
def test_signing_in_goes_on_while_a_key_is_replaced(ehr, start, jwks_uri, how):
    start(ehr, AUTH="smart_backend")
    ohx("ehr", "keys", "default")
    with jwks_uri(ehr) as address:
        ehr.register(jwks_uri=address)
        assert start(ehr, AUTH="smart_backend").read("Patient", ehr.patient)
        ohx("ehr", "keys", "default", "--rotate", *how)
        published = requests.get(address, timeout=5).json()["keys"]

        assert len(published) == (1 if how else 2)
        # Another key or not: it is another connection to the server, and asks for a token.
        assert start(ehr, AUTH="smart_backend", TIMEOUT_SECONDS="29").read("Patient", ehr.patient)


def test_an_operators_own_key_signs_us_in(ehr, start, jwks_uri, tmp_path):
    file = tmp_path / "key.pem"
    file.write_bytes(ECKey.generate_key("P-384").as_pem(private=True))

    with jwks_uri(ehr) as address:
        ehr.register(jwks_uri=address)
        client = start(ehr, AUTH="smart_backend", PRIVATE_KEY_FILE=str(file))
        assert client.read("Patient", ehr.patient)["id"] == ehr.patient


def test_a_key_that_the_server_does_not_know_is_refused_with_what_to_do(ehr, start, jwks_uri):
    start(ehr, AUTH="smart_backend")
    with jwks_uri(ehr) as address:
        ohx("ehr", "keys", "default", "--rotate")
        ehr.register(jwks_uri=address)
        client = start(ehr, AUTH="smart_backend")
        ohx("ehr", "keys", "default", "--rotate", "--at-once")

        with pytest.raises(SignInRefused, match="ohx ehr keys"):
            client.read("Patient", ehr.patient)


@pytest.mark.parametrize("auth", ["client_credentials_basic", "client_credentials_body"])
def test_a_client_secret_signs_us_in_and_a_wrong_one_is_refused(ehr, start, auth):
    ehr.register(secret=ehr.secret)

    good = start(ehr, AUTH=auth, CLIENT_SECRET=ehr.secret)
    assert good.read("Patient", ehr.patient)["id"] == ehr.patient
    with pytest.raises(SignInRefused, match="client id, secret or key"):
        start(ehr, AUTH=auth, CLIENT_SECRET="CANARY").read("Patient", ehr.patient)


@pytest.mark.parametrize("threads", [1, 8])
def test_revoked_tokens_cost_one_token_request_for_all_threads(sandbox, start, threads):
    secret = token_hex()
    sandbox.register(secret=secret)
    client = start(sandbox, AUTH="client_credentials_body", CLIENT_SECRET=secret)
    patient = sandbox.patient
    client.read("Patient", patient)
    before = sandbox.granted()
    sandbox.revoke()

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(lambda _: client.read("Patient", patient)["id"], range(threads)))

    assert found == [patient] * threads
    assert sandbox.granted() == before + 1


def test_a_scope_that_is_not_granted_is_named(sandbox, start):
    # Another secret in each test: a token is shared by all that sign in alike at one address.
    secret = token_hex()
    sandbox.register("system/Observation.crus", secret=secret)
    given = {"AUTH": "client_credentials_body", "CLIENT_SECRET": secret}

    with pytest.raises(SignInRefused, match="OHX_EHR__SCOPE"):
        start(sandbox, **given, SCOPE="system/Patient.rs").read("Patient", sandbox.patient)
    with pytest.raises(RightsMissing):
        # Granted for the Observations alone.
        start(sandbox, **given, SCOPE=SCOPE).read("Patient", sandbox.patient)


def test_nothing_private_is_printed_or_published(sandbox, store, start, jwks_uri):
    start(sandbox, AUTH="smart_backend")
    printed = ohx("ehr", "keys", "default", "--algorithm", "RS384")
    printed += ohx("ehr", "keys", "default") + ohx("ehr", "keys", "default", "--list")
    with jwks_uri(sandbox) as address:
        published = requests.get(address, timeout=5).text

    private = json.loads(store.ehr_by_name("default").private_key)
    secrets = [private[name] for name in ("d", "p", "q", "dp", "dq", "qi")]
    assert [one for one in secrets if one in printed + published] == []
    assert private["n"] in published
    assert private["n"] in printed
