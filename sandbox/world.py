"""The whole sandbox: four stand-ins that share people and a clock.

Belongs here: putting them together. Not here: what each does, or processes and signals
(`__main__.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask

from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.control import create_control
from sandbox.ehr.app import EhrServer, create_ehr
from sandbox.ehr.faults import SPARED_HEADER
from sandbox.faults import Faults
from sandbox.identity.app import create_identity
from sandbox.identity.authorization import Client
from sandbox.patients import as_patient
from sandbox.people import make_people
from sandbox.secrets_seen import SecretsSeen
from sandbox.smart.server import BELOW as SMART
from sandbox.withings.app import Cloud, create_cloud
from sandbox.withings.oauth import Application
from sandbox.withings.readings import EVERYTHING

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(frozen=True, kw_only=True)
class World:
    """The stand-ins, and the WSGI application of each."""

    cloud: Cloud
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
    ehr = create_ehr((as_patient(person) for person in people), clock)
    ehr_calls, ehr_writes = Calls(), Calls()
    identity_faults, secrets = Faults(), SecretsSeen()
    identity = create_identity(
        issuer=issuer, client=client, people=people, clock=clock, faults=identity_faults
    )
    for app in (cloud.app, identity):
        secrets.listen(app)
    secrets.listen(ehr.app, below=SMART)
    return World(
        cloud=cloud,
        ehr=ehr,
        ehr_app=counted(ehr.app, ehr_calls, ehr_writes),
        identity=identity,
        control=create_control(
            cloud=cloud,
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
