"""The whole sandbox: six stand-ins that share people and a clock.

Belongs here: putting them together. Not here: what each does, or processes and signals
(`__main__.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask

from sandbox.application import Application
from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.control import create_control
from sandbox.control_google import GoogleOrders
from sandbox.control_omron import OmronOrders
from sandbox.ehr.app import EhrServer, create_ehr
from sandbox.ehr.faults import SPARED_HEADER
from sandbox.faults import Faults
from sandbox.google_health.app import GoogleCloud, create_google
from sandbox.google_health.notifying import Notifying, create_notifying
from sandbox.google_health.store import Store
from sandbox.identity.app import create_identity
from sandbox.identity.authorization import Client
from sandbox.omron.app import OmronCloud, create_omron
from sandbox.patients import as_patient
from sandbox.people import make_people
from sandbox.secrets_seen import SecretsSeen
from sandbox.smart.server import BELOW as SMART
from sandbox.withings.app import Cloud, create_cloud
from sandbox.withings.readings import EVERYTHING

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(frozen=True, kw_only=True)
class World:
    """The stand-ins, and the WSGI application of each."""

    cloud: Cloud
    google: GoogleCloud
    notifying: Notifying
    omron: OmronCloud
    ehr: EhrServer
    ehr_app: Wsgi
    identity: Flask
    control: Flask


def create_world(  # noqa: PLR0913 (everything that differs from one sandbox to the next)
    *,
    application: Application,
    client: Client,
    issuer: str,
    ehr_url: str,
    count: int,
    google_url: str = "http://localhost",
    run: str = "",
    clock: Clock | None = None,
    data: str = EVERYTHING,
) -> World:
    """Build a sandbox of `count` people; the addresses are where it will be served.

    With the `data` of MEASURES_ALONE the vendor lists nothing but what scales and cuffs measure.

    With a `run` the EHR at `ehr_url` is not the sandbox's own: others write to it too.
    """
    clock = clock or Clock()
    people = make_people(count, run)
    cloud = create_cloud(people=people, clock=clock, application=application, data=data)
    google = create_google(
        people=people,
        clock=clock,
        application=_beside_withings(application, "google_health"),
        store=Store(people, clock, data=data),
    )
    notifying = create_notifying(people, clock, google.tokens)
    notifying.serve_on(google.app)
    omron = create_omron(
        people=people,
        clock=clock,
        application=_beside_withings(application, "omron"),
        data=data,
    )
    ehr = create_ehr((as_patient(person) for person in people), clock)
    ehr_calls, ehr_writes = Calls(), Calls()
    identity_faults, secrets = Faults(), SecretsSeen()
    identity = create_identity(
        issuer=issuer, client=client, people=people, clock=clock, faults=identity_faults
    )
    for app in (cloud.app, google.app, omron.app, identity):
        secrets.listen(app)
    secrets.listen(ehr.app, below=SMART)
    return World(
        cloud=cloud,
        google=google,
        notifying=notifying,
        omron=omron,
        ehr=ehr,
        ehr_app=counted(ehr.app, ehr_calls, ehr_writes),
        identity=identity,
        control=create_control(
            cloud=cloud,
            google=GoogleOrders(cloud=google, notifying=notifying, url=google_url),
            omron=OmronOrders(cloud=omron),
            ehr=ehr,
            ehr_url=ehr_url,
            ehr_shared=bool(run),
            ehr_calls=ehr_calls,
            ehr_writes=ehr_writes,
            identity_faults=identity_faults,
            clock=clock,
            secrets=secrets,
        ),
    )


def _beside_withings(application: Application, vendor: str) -> Application:
    """Give the application as another vendor knows it: it returns to an address of its own."""
    redirect_uri = application.redirect_uri.replace("/withings/", f"/{vendor}/")
    return replace(application, redirect_uri=redirect_uri)


def counted(app: Wsgi, calls: Calls, writes: Calls) -> Wsgi:
    """Count a WSGI application's requests by method, and those besides that may change something.

    Not those of the reader, which only looks, and not those for tokens, which are counted apart.
    """
    reader = "HTTP_" + SPARED_HEADER.upper().replace("-", "_")

    def counting(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if reader not in environ and not path.startswith(SMART):
            calls.count(method)
            if method not in {"GET", "HEAD"} and not path.endswith("/_search"):
                writes.count(method)
        return app(environ, start_response)

    return counting
