"""A sandbox as a process, a database of our own, and accounts linked by consent, for benchmarks.

Belongs here: starting those and giving tokens. Not here: what is measured.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import requests

from ohx_pipelines.links.migrate import ensure_database, migrate
from ohx_pipelines.links.private_postgres import PrivatePostgres
from ohx_pipelines.provider_settings import (
    GoogleHealthSettings,
    OmronSettings,
    WithingsSettings,
)
from ohx_pipelines.providers.base import Provider

CALLBACK = "http://127.0.0.1:9/callback"
TIMEOUT_SECONDS = 20
_ARGUMENTS = (
    *("--exit-with-parent", "--callback-url", CALLBACK),
    *("--sign-in-callback-url", "http://127.0.0.1:9/sign-in"),
    *("--client-id", "app", "--client-secret", "app-secret"),
    *("--oidc-client-id", "portal", "--oidc-client-secret", "oidc-secret"),
)


@dataclass(frozen=True, kw_only=True)
class LinkedAccount:
    """One account with a token that outlives the benchmark: a TokenSource."""

    account: str
    zone: ZoneInfo
    scopes: frozenset[str]
    access_token: str

    def current(self) -> str:
        """Give the token."""
        return self.access_token

    def renew(self, refused: str) -> str:
        """Give the same one: nothing here lasts three hours."""
        del refused
        return self.access_token


@contextmanager
def running_sandbox(*, people: int) -> Iterator[dict[str, Any]]:
    """Run a sandbox; gives its addresses."""
    process = subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "sandbox", *_ARGUMENTS, "--people", str(people)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None  # noqa: S101 (asked for above)
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(TIMEOUT_SECONDS)


@contextmanager
def own_database() -> Iterator[str]:
    """Run a PostgreSQL of our own with our tables; gives the address."""
    folder = Path(tempfile.mkdtemp(prefix="ohx-bench-postgres-"))
    folder.chmod(0o711)
    try:
        with PrivatePostgres(folder) as server:
            url = server.url("ohx")
            ensure_database(url)
            migrate(url)
            yield url
    finally:
        shutil.rmtree(folder)


def settings_at(addresses: dict[str, Any]) -> WithingsSettings:
    """Give the settings of the application that the sandbox knows."""
    return WithingsSettings.model_validate(
        {"client_id": "app", "client_secret": "app-secret", **addresses["withings"]}
    )


def google_settings_at(addresses: dict[str, Any]) -> GoogleHealthSettings:
    """Give the settings of the Google project that the sandbox knows."""
    names = ("api_url", "authorize_url", "token_url", "revoke_url")
    hosts = {name: addresses["google_health"][name] for name in names}
    return GoogleHealthSettings.model_validate(
        {"client_id": "app", "client_secret": "app-secret", **hosts}
    )


def omron_settings_at(addresses: dict[str, Any]) -> OmronSettings:
    """Give the settings of the application at OMRON that the sandbox knows, with every type."""
    hosts = {name: addresses["omron"][name] for name in ("api_url", "authorize_url")}
    types = "bloodpressure activity weight temperature oxygen"
    return OmronSettings.model_validate(
        {"client_id": "app", "client_secret": "app-secret", "types": types, **hosts}
    )


def link_accounts(provider: Provider, addresses: dict[str, Any]) -> list[LinkedAccount]:
    """Link everybody of the sandbox with the provider's vendor."""
    people = requests.get(f"{addresses['control']}/people", timeout=TIMEOUT_SECONDS).json()
    return [_linked(provider, addresses, person) for person in people]


def _linked(provider: Provider, addresses: dict[str, Any], person: dict[str, str]) -> LinkedAccount:
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    url = provider.authorize_url(state="state", redirect_uri=CALLBACK, code_challenge=challenge)
    asked = dict(parse_qsl(urlsplit(url).query))
    answer = requests.post(
        addresses[provider.facts.name]["authorize_url"],
        data=asked | {"person": person["login"], "decision": "allow"},
        allow_redirects=False,
        timeout=TIMEOUT_SECONDS,
    )
    code = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]
    grant = provider.exchange_code(code=code, redirect_uri=CALLBACK, code_verifier=verifier)
    return LinkedAccount(
        account=person["login"],
        zone=ZoneInfo(person["zone"]),
        scopes=grant.scopes,
        access_token=grant.access_token,
    )
