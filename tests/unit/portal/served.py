"""The portal as it is really served, by waitress, in a thread of the test process.

Belongs here: starting and stopping it, and who is signed in there. Not here: what a test asks of it.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import replace

import pytest
from waitress import wasyncore

from oauth_portal.__main__ import server_of
from oauth_portal.app import create_app
from tests.unit.portal.conftest import Visit


@pytest.fixture
def portal(services):
    """The portal as it is served, with room for two files of four megabytes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    uploads = services.settings.uploads.model_copy(update={"most_megabytes": 4, "most_at_once": 2})
    changed = {"port": port, "url": f"http://127.0.0.1:{port}"}
    own = services.settings.model_copy(
        update={"uploads": uploads, "portal": services.settings.portal.model_copy(update=changed)}
    )
    server = server_of(replace(services, settings=own))
    stopped = threading.Event()
    thread = threading.Thread(target=looped, args=(server, stopped))
    thread.start()
    yield port
    stopped.set()
    thread.join()
    server.task_dispatcher.shutdown()
    wasyncore.close_all(server._map, ignore_all=True)


def looped(server, stopped):
    while not stopped.is_set():
        wasyncore.loop(timeout=0.1, map=server._map, count=1)


@pytest.fixture
def signed_in(services, identity):
    visit = Visit(create_app(services), identity)
    visit.sign_in()
    return visit
