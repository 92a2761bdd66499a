"""A person at a browser, for the demo: opens pages, fills in forms, follows redirects.

Belongs here: forms of HTML pages over real HTTP. Not here: which pages a person goes through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

from ohx_pipelines.errors import OhxError

TIMEOUT_SECONDS = 30.0
# Between two lines of an answer that tells how far it is.
UPLOAD_SECONDS = 120.0


class JourneyFailed(OhxError):
    """A page was not what a person would find; the message names the step, not the page's text."""

    code = "journey_failed"


@dataclass
class Form:
    """One form of a page: where it goes and what it carries already."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class ChosenFile:
    """A file that somebody chooses in a form."""

    name: str
    content: bytes = field(repr=False)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form and its prefilled fields."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and self.forms and given.get("name") and _is_sent(given):
            self.forms[-1].fields.append((given["name"], given.get("value", "")))


class Browser:
    """One person's browser session."""

    def __init__(self) -> None:
        """Start without cookies."""
        self._session = requests.Session()
        self._session.headers["Accept"] = "text/html"
        self._page: requests.Response | None = None

    @property
    def address(self) -> str:
        """Where the browser is."""
        return self._page.url if self._page is not None else ""

    def open(self, url: str) -> None:
        """Open a page."""
        self._page = self._checked(self._session.get(url, timeout=TIMEOUT_SECONDS), url)

    def submit(
        self,
        action: str,
        fields: Mapping[str, str] | None = None,
        *,
        file: ChosenFile | None = None,
    ) -> None:
        """Submit the page's first form whose address contains `action`, with these fields.

        A `file` is chosen for its one file field. Raises JourneyFailed when the page has no such form or the next page is an error.
        """
        forms = _Forms()
        forms.feed(self._page.text if self._page is not None else "")
        chosen = next((f for f in forms.forms if action in urljoin(self.address, f.action)), None)
        if chosen is None:
            message = f"the page after {_path(self.address)} has no form for {action}"
            raise JourneyFailed(message)
        url = urljoin(self.address, chosen.action)
        typed = dict(fields or {})
        data = [one for one in chosen.fields if one[0] not in typed] + list(typed.items())
        chosen_file = {"file": (file.name, file.content, "text/csv")} if file else None
        answer = self._session.post(
            url,
            data=data,
            files=chosen_file,
            headers={"Referer": self.address},
            timeout=UPLOAD_SECONDS if file else TIMEOUT_SECONDS,
        )
        self._page = self._checked(answer, url)

    def sign_in(self, portal: str, username: str) -> None:
        """Go from the link page to the identity provider and back."""
        self.open(f"{portal}/")
        self.submit("/sign-in")
        self.submit("", {"username": username})

    def close(self) -> None:
        """Forget the session."""
        self._session.close()

    def _checked(self, response: requests.Response, url: str) -> requests.Response:
        if not response.ok:
            message = f"{_path(url)} answered {response.status_code}"
            raise JourneyFailed(message, status=response.status_code)
        return response


def _is_sent(given: Mapping[str, str]) -> bool:
    """Tell whether an input is sent as the page has it: a box only when it is ticked."""
    return given.get("type") != "checkbox" or "checked" in given


def _path(url: str) -> str:
    """Give an address without its query, which can hold a code or a state."""
    return url.split("?", 1)[0]
