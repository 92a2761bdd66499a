"""Links through the sandbox vendor's own consent page, for tests without a portal.

Belongs here: a vendor's client on a running sandbox, and a link of one of its people. Not here: what
a test does with it.
"""

from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import requests

from ohx_pipelines.links.records import LinkState
from ohx_pipelines.provider_settings import WithingsSettings
from ohx_pipelines.providers.withings import WithingsProvider
from tests.sandbox_process import running_sandbox

CALLBACK = "http://127.0.0.1:9/callback"
SANDBOX_ARGUMENTS = (
    *("--callback-url", CALLBACK),
    *("--sign-in-callback-url", "http://127.0.0.1:9/sign-in"),
    *("--client-id", "app", "--client-secret", "app-secret"),
    *("--oidc-client-id", "portal", "--oidc-client-secret", "oidc-secret"),
    # Behind these, `--data all` gives activity, sleep, workouts, ECGs and minutes as well.
    *("--data", "measures"),
)


SHARED = ("body", "blood_pressure")


@contextmanager
def sandbox_with_everything(*, people, page_size=200):
    """Run a sandbox with all that the vendor has, and no limit of calls.

    The vendor was seen to list some two hundred rows on a page.
    """
    arguments = (*SANDBOX_ARGUMENTS, "--data", "all", "--people", str(people))
    with running_sandbox(*arguments) as sandbox:
        sandbox.post("withings/settings", rate_limit=1_000_000, page_size=page_size)
        yield sandbox


def withings_settings(addresses, *, timeout_seconds=30.0):
    """The settings of the application that SANDBOX_ARGUMENTS register."""
    return WithingsSettings(
        client_id="app",
        client_secret="app-secret",
        api_url=addresses["withings"]["api_url"],
        authorize_url=addresses["withings"]["authorize_url"],
        timeout_seconds=timeout_seconds,
    )


def consent_code(provider, addresses, login):
    """The code that a person's yes on the consent page gives."""
    url = provider.authorize_url(state="state", redirect_uri=CALLBACK, code_challenge=None)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    answer = requests.post(
        addresses["withings"]["authorize_url"],
        data=asked | {"person": login, "decision": "allow"},
        allow_redirects=False,
        timeout=10,
    )
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def grant_of(provider, addresses, login):
    """The tokens of a person's yes."""
    code = consent_code(provider, addresses, login)
    return provider.exchange_code(code=code, redirect_uri=CALLBACK, code_verifier=None)


def connect_ehr(store, addresses, patience_seconds):
    """Connect the sandbox's EHR, or give it so many seconds to answer from now on."""
    return store.save_ehr(
        name="default",
        url=addresses["ehr"]["url"],
        auth="none",
        username=None,
        credential=None,
        timeout_seconds=patience_seconds,
    )


def save_link(
    store, addresses, person, grant, *, provider="withings", data_types=SHARED, patience_seconds=30
):
    """The active link of a sandbox person whose tokens these are; the EHR is waited for so long."""
    ehr = connect_ehr(store, addresses, patience_seconds)
    patient = store.patient_signed_in(
        ehr_connection_id=ehr.id,
        fhir_id=person["patient_id"],
        issuer=addresses["identity"]["issuer"],
        subject=person["username"],
    )
    link = store.save_link(
        patient_id=patient.id,
        provider=provider,
        grant=grant,
        data_types=list(data_types),
    )
    if link.state is LinkState.ACTIVE:
        return link
    return store.confirm_link(link.id, zone=ZoneInfo(person["zone"]))


def link_person(store, sandbox, person, provider=None, *, patience_seconds=30):
    """Link a sandbox person; gives the active link."""
    provider = provider or WithingsProvider(withings_settings(sandbox.addresses))
    sandbox.shared = SHARED
    grant = grant_of(provider, sandbox.addresses, person["login"])
    return save_link(store, sandbox.addresses, person, grant, patience_seconds=patience_seconds)
