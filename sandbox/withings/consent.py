"""The consent page, where a person picks the account and allows or refuses.

Belongs here: checking what the application asks, the page, the way back. Not here: codes
(`tokens.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request

from sandbox.application import Application
from sandbox.pages import page
from sandbox.people import Person
from sandbox.withings.tokens import Grant, Tokens

BANNER = "Sandbox stand-in, not Withings"
PATH = "/oauth2_user/authorize2"
ASKED = ("response_type", "client_id", "redirect_uri", "scope", "state")
SCOPES = {
    "user.info": "your profile and your list of devices",
    "user.metrics": "weight, body composition, blood pressure and pulse",
    "user.activity": "activity and sleep",
    "user.sleepevents": "getting in and out of bed",
}
_FORM = """
<p>An application asks for access to:</p>
<ul>{% for text in shared %}<li>{{ text }}</li>{% endfor %}</ul>
<form method="post" action="{{ path }}">
{% for name, value in asked.items() %}
<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}
<fieldset>
<legend>Whose account is it?</legend>
{% for person in people %}
<label class="choice">
<input type="radio" name="person" value="{{ person.login }}" required>
<span>{{ person.name }}<br><span class="quiet">{{ person.login }}</span></span>
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
        asked = request.form
        problem = wrong_request(asked, application)
        if problem:
            return _stop(problem)
        if asked.get("decision") == "deny":
            return _back(asked, error="access_denied")
        person = by_login.get(asked.get("person", ""))
        if person is None or asked.get("decision") != "allow":
            return _form(asked, people, problem="Choose an account, then allow or refuse."), 400
        grant = Grant(person=person, scopes=tuple(asked["scope"].split(",")))
        return _back(asked, code=tokens.issue_code(grant, asked["redirect_uri"]))

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
    # Commas, not spaces as elsewhere in OAuth.
    if not set(asked.get("scope", "").split(",")) <= SCOPES.keys():
        return "The application asks for data that do not exist (scope, separated by commas)."
    return None


def _form(asked: Mapping[str, str], people: Sequence[Person], problem: str = "") -> str:
    return page(
        _FORM,
        title="Share your data?",
        banner=BANNER,
        asked={name: asked[name] for name in ASKED},
        shared=[SCOPES[scope] for scope in asked["scope"].split(",")],
        people=people,
        path=PATH,
        problem=problem,
    )


def _stop(problem: str) -> tuple[str, int]:
    title = "This request cannot be answered"
    return page(_PROBLEM, title=title, banner=BANNER, problem=problem), 400


def _back(asked: Mapping[str, str], **answer: str) -> Any:
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    query = urlencode(answer | {"state": asked["state"]})
    return redirect(f"{asked['redirect_uri']}{joint}{query}")
