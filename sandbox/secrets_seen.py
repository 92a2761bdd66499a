"""The secrets that passed between the stand-ins and whoever talks to them, for a search for leaks.

Belongs here: telling them from everything else in requests and answers. Not here: what is valid
(`withings/tokens.py`, `identity/grants.py`), or who may ask for the list (`control.py`).
"""

from __future__ import annotations

import re
import threading
from urllib.parse import parse_qs, unquote_plus, urlsplit

from flask import Flask, Response, request

# What a browser or a client sends, in an address or in a form.
ASKED = (
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "nonce",
    "refresh_token",
    "state",
)
GIVEN = ("access_token", "id_token", "refresh_token")
_GIVEN = re.compile(rf'"({"|".join(GIVEN)})"\s*:\s*"([^"]+)"')


class SecretsSeen:
    """Every secret by its name in OAuth and OpenID Connect, also of requests that failed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, set[str]] = {name: set() for name in {*ASKED, *GIVEN}}

    def listen(self, app: Flask, *, below: str = "/") -> None:
        """Note what each request below an address says and what it is answered."""

        @app.after_request
        def hear(answer: Response) -> Response:
            return self._hear(answer) if request.path.startswith(below) else answer

    def as_json(self) -> dict[str, list[str]]:
        """Give the secrets by name."""
        with self._lock:
            return {name: sorted(values) for name, values in sorted(self._seen.items())}

    def _hear(self, answer: Response) -> Response:
        for name in ASKED:
            self._note(name, *request.values.getlist(name))
        # A service account's, which is no client's in the words of RFC 7523, but serves as one.
        self._note("client_assertion", *request.values.getlist("assertion"))
        if request.authorization is not None and request.authorization.type == "basic":
            self._note("client_secret", unquote_plus(request.authorization.password or ""))
        leads_to = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
        self._note("code", *leads_to.get("code", []))
        # A body that drips is read whole by nobody. Of half an answer, the whole values count.
        if not answer.is_streamed:
            for name, value in _GIVEN.findall(answer.get_data(as_text=True)):
                self._note(name, value)
        return answer

    def _note(self, name: str, *values: str) -> None:
        with self._lock:
            self._seen[name].update(value for value in values if value)
