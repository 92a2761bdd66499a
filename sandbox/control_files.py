"""The control endpoint's part about export files of phone apps.

Belongs here: its addresses under `/files`. Not here: the files (`files/`).

`GET /files/export` gives a file of a person (`login`), an `app` and a `variant`, with the readings
`from` a local day `to` another. `GET /files/rows` gives what all exports so far meant, as JSON.
`POST /files/change` changes a reading for later exports: `login`, `app`, `action` (add, edit,
delete), `kind` and `at`, a minute of the person's wall clock. `POST /files/reset` forgets all exports
and changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Flask, Response, request

from sandbox.clock import Clock
from sandbox.control_input import WrongRequest, body, days, person_of
from sandbox.files.exports import ACTIONS, FileExports
from sandbox.files.truth import APPS, BEURER, Kind
from sandbox.files.variants import VARIANTS
from sandbox.people import Person

_OF_OMRON = (Kind.WEIGHT, Kind.PRESSURE)
_MOST_DAYS = 1100


class FileOrders:
    """Orders about files."""

    def __init__(self, people: Sequence[Person], clock: Clock) -> None:
        """Export for these people."""
        self._people = people
        self.exports = FileExports(clock)

    def add_to(self, app: Flask) -> None:
        """Serve the addresses."""
        app.get("/files/export", endpoint="files_export")(self.export)
        app.get("/files/rows", endpoint="files_rows")(self.rows)
        app.post("/files/change", endpoint="files_change")(self.change)
        app.post("/files/reset", endpoint="files_reset")(self.reset)

    def export(self) -> Response:
        """Give a file under the name that the app would give it."""
        person = person_of(self._people, request.args.get("login"))
        app = _among("app", APPS)
        variant = _among("variant", VARIANTS[app])
        first, last = days()
        if (last - first).days > _MOST_DAYS:
            raise WrongRequest(f"at most {_MOST_DAYS} days")
        written = self.exports.export(person, app, variant, days=(first, last))
        answer = Response(written.content, mimetype="text/csv")
        answer.headers.set("Content-Disposition", "attachment", filename=written.name)
        return answer

    def rows(self) -> list[dict[str, Any]]:
        """Give the truth rows of what was exported."""
        person = person_of(self._people, request.args.get("login"))
        told = self.exports.told(person, _among("app", APPS), days())
        return [row.as_json() for row in told]

    def reset(self) -> dict[str, bool]:
        """Forget what was exported and changed."""
        self.exports.reset()
        return {"reset": True}

    def change(self) -> list[dict[str, Any]]:
        """Change a reading; gives its rows."""
        order = body("login", "app", "action", "kind", "at")
        person = person_of(self._people, order.words("login"))
        app = order.text("app", among=APPS)
        kinds = Kind if app == BEURER else _OF_OMRON
        kind = Kind(order.text("kind", among=[one.value for one in kinds]))
        action = order.text("action", among=ACTIONS)
        at = _minute(order.words("at"))
        try:
            rows = self.exports.change(person, app, action, reading=(kind, at))
        except LookupError:
            raise WrongRequest(f"cannot {action}: look at what is at that minute") from None
        return [row.as_json() for row in rows]


def _among(name: str, known: Sequence[str]) -> str:
    given = request.args.get(name, "")
    if given not in known:
        raise WrongRequest(f"{name} must be one of: {', '.join(known)}")
    return given


def _minute(text: str | None) -> datetime:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        raise WrongRequest("at must be a minute, YYYY-MM-DDTHH:MM") from None
    if at.tzinfo or at.second or at.microsecond:
        raise WrongRequest("at must be a minute without zone, YYYY-MM-DDTHH:MM")
    return at
