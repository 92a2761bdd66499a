"""The consent page, where a person picks the account, unticks what is not to be seen, and decides.

Belongs here: checking what the application asks, the page, the way back. Not here: codes
(`tokens.py`).

The application asks in the address or in the form; a form without the page's own boxes allows all
that was asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request

from sandbox.application import Application
from sandbox.omron.scopes import SCOPES, TEXTS
from sandbox.omron.tokens import Grant, Tokens, Way
from sandbox.pages import page
from sandbox.people import Person

BANNER = "Sandbox stand-in, not OMRON"
PATH = "/connect/authorize"
ASKED = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge",
    "code_challenge_method",
)  # fmt: skip
_FORM = """
<form method="post" action="{{ action }}">
<fieldset>
<legend>Whose account is it?</legend>
{% for person in people %}
<label class="choice">
<input type="radio" name="person" value="{{ person.login }}" required>
<span>{{ person.name }}<br><span class="quiet">{{ person.login }}</span></span>
</label>
{% endfor %}
</fieldset>
<fieldset>
<legend>What may the application see?</legend>
<input type="hidden" name="boxes" value="shown">
{% for scope, text in shared.items() %}
<label class="choice">
<input type="checkbox" name="scope" value="{{ scope }}" checked>
<span>{{ text }}</span>
</label>
{% endfor %}
</fieldset>
{% if problem %}<p class="problem" role="alert">{{ problem }}</p>{% endif %}
<div class="buttons">
<button class="main" name="decision" value="allow">Allow</button>
<button name="decision" value="deny" formnovalidate>Refuse</button>
</div>
</form>
<p class="quiet">Every person and every reading here is made up.</p>
"""
_PROBLEM = """
<p class="problem" role="alert">{{ problem }}</p>
<p>Go back to where you came from and start again.</p>
"""


def consent_pages(application: Application, people: Sequence[Person], tokens: Tokens) -> Blueprint:
    """Give the page and what answers its form."""
    pages = Blueprint("consent", __name__)
    by_login = {person.login: person for person in people}

    @pages.get(PATH)
    def ask() -> Any:
        problem = wrong_request(request.args, application)
        return _stop(problem) if problem else _form(request.args, people)

    @pages.post(PATH)
    def answer() -> Any:
        asked = _asked()
        problem = wrong_request(asked, application)
        if problem:
            return _stop(problem)
        if request.form.get("decision") == "deny":
            return _back(asked, error="access_denied")
        person = by_login.get(request.form.get("person", ""))
        if person is None or request.form.get("decision") != "allow":
            return _form(asked, people, problem="Choose an account, then allow or refuse."), 400
        scopes = _ticked(asked)
        if not TEXTS.keys() & set(scopes):
            return _back(asked, error="access_denied")
        challenge = asked.get("code_challenge") or None
        way = Way(redirect_uri=asked["redirect_uri"], challenge=challenge)
        return _back(asked, code=tokens.issue_code(Grant(person=person, scopes=scopes), way))

    return pages


def wrong_request(asked: Mapping[str, str], application: Application) -> str | None:
    """Say what is wrong with an authorization request; None when nothing is."""
    if asked.get("client_id") != application.client_id:
        return "The application is not registered (client_id)."
    if asked.get("redirect_uri") != application.redirect_uri:
        return "The return address is not the registered one (redirect_uri)."
    if asked.get("response_type") != "code":
        return "The application asks for something else than a code (response_type)."
    if not asked.get("state"):
        return "The application sent no state."
    scopes = set(asked.get("scope", "").split())
    if not scopes <= SCOPES or not scopes & TEXTS.keys():
        return "The application asks for data that do not exist (scope)."
    if bool(asked.get("code_challenge")) != (asked.get("code_challenge_method") == "S256"):
        return "The challenge is not one of S256 (code_challenge, code_challenge_method)."
    return None


def _asked() -> Mapping[str, str]:
    """Give what the application asked: in the address as the page has it, or all in the form."""
    if "client_id" in request.args:
        return request.args
    # Several values of one name are the page's boxes, which a form may send as what was asked too.
    scopes = " ".join(request.form.getlist("scope"))
    return request.form.to_dict() | {"scope": scopes}


def _ticked(asked: Mapping[str, str]) -> tuple[str, ...]:
    """Give what is allowed; there is no box for what is not about data."""
    scopes = tuple(dict.fromkeys(asked["scope"].split()))
    ticked = " ".join(request.form.getlist("scope")).split()
    if not ticked and "boxes" not in request.form:
        return scopes
    return tuple(scope for scope in scopes if scope in ticked or scope not in TEXTS)


def _form(asked: Mapping[str, str], people: Sequence[Person], problem: str = "") -> str:
    query = urlencode({name: asked[name] for name in ASKED if name in asked})
    return page(
        _FORM,
        title="Share your data?",
        banner=BANNER,
        action=f"{PATH}?{query}",
        shared={scope: TEXTS[scope] for scope in asked["scope"].split() if scope in TEXTS},
        people=people,
        problem=problem,
    )


def _stop(problem: str) -> tuple[str, int]:
    title = "This request cannot be answered"
    return page(_PROBLEM, title=title, banner=BANNER, problem=problem), 400


def _back(asked: Mapping[str, str], **answer: str) -> Any:
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    query = urlencode(answer | {"state": asked["state"]})
    return redirect(f"{asked['redirect_uri']}{joint}{query}")
