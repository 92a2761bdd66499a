"""HTTP servers in threads of this process, on free ports.

Belongs here: binding, running and ending them. Not here: what they serve.
"""

from __future__ import annotations

import logging
import socket
import threading
from typing import Any

from waitress.server import create_server

THREADS = 16


def bind(host: str) -> socket.socket:
    """Take a free port now, so that its address is known before the application is built."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, 0))
    return listening


def address(listening: socket.socket) -> str:
    """Give the http address of a bound socket."""
    host, port = listening.getsockname()
    return f"http://{host}:{port}"


def serve(app: Any, listening: socket.socket) -> Any:
    """Serve a WSGI application from a thread that ends with the process; gives the server."""
    # Queues and bodies that end too early are what faults make on purpose.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    server = create_server(app, sockets=[listening], threads=THREADS, ident="sandbox")
    threading.Thread(target=server.run, daemon=True).start()
    return server
