"""The HTTP session of an EHR connection: pooled, and bounded in time and size.

Belongs here: how connections are made and kept. Not here: requests (`client.py`).
"""

from __future__ import annotations

import requests

from ohx_pipelines.deadline import DeadlineAdapter
from ohx_pipelines.fhir.connection import FhirConnection

POOLED_CONNECTIONS = 8


def open_session(connection: FhirConnection) -> requests.Session:
    """Give a session for the connection; nothing is asked yet."""
    session = requests.Session()
    # Proxies and CA bundles of the environment count; a .netrc would replace our credentials.
    session.auth = _as_it_is
    for scheme in ("https://", "http://"):
        session.mount(
            scheme,
            DeadlineAdapter(seconds=connection.timeout_seconds, pool_maxsize=POOLED_CONNECTIONS),
        )
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
