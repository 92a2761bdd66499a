"""The sign-in page: a name, no password, because everybody here is made up.

Belongs here: the authorization endpoint's pages and its way back. Not here: what makes a request
wrong (`authorization.py`) or codes (`grants.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request

from sandbox.identity.authorization import Client, unsafe_return, wrong_request
from sandbox.identity.grants import Grants, SignIn
from sandbox.pages import page
from sandbox.people import Person

BANNER = "Sandbox stand-in, not your clinic's sign-in"
PATH = "/authorize"
ASKED = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
    "code_challenge_method",
)  # fmt: skip
SHOWN = 12
_FORM = """
<form method="post" action="{{ path }}">
{% for name, value in asked.items() %}
<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}
<p><label for="username">User name</label><br>
<input type="text" id="username" name="username" list="people" value="{{ given }}" required
  autofocus autocomplete="off" autocapitalize="none" spellcheck="false"
  {% if problem %}aria-describedby="problem" aria-invalid="true"{% endif %}></p>
<datalist id="people">
{% for person in people %}<option value="{{ person.username }}">{{ person.name }}</option>
{% endfor %}
</datalist>
{% if problem %}<p class="problem" id="problem" role="alert">{{ problem }}</p>{% endif %}
<div class="buttons">
<button class="main" name="decision" value="sign-in">Sign in</button>
<button name="decision" value="cancel" formnovalidate>Cancel</button>
</div>
</form>
<p class="quiet">No password: everybody here is made up. Some who can sign in:
{% for person in people[:shown] %}{{ person.username }}{{ ", " if not loop.last }}{% endfor %}
{{- " …" if people|length > shown else "." }}</p>
"""
_PROBLEM = """
<p class="problem" role="alert">{{ problem }}</p>
<p>Go back to where you came from and start again.</p>
"""


def sign_in_pages(
    *, issuer: str, client: Client, people: Sequence[Person], grants: Grants
) -> Blueprint:
    """Give the page and what answers its form."""
    pages = Blueprint("sign_in", __name__)
    by_username = {person.username: person for person in people}

    def refuse(asked: Mapping[str, str]) -> Any:
        problem = unsafe_return(asked, client)
        if problem:
            title = "This request cannot be answered"
            return page(_PROBLEM, title=title, banner=BANNER, problem=problem), 400
        wrong = wrong_request(asked)
        if wrong:
            return _back(asked, issuer, error=wrong[0], error_description=wrong[1])
        return None

    @pages.get(PATH)
    def ask() -> Any:
        return refuse(request.args) or _form(request.args, people)

    @pages.post(PATH)
    def answer() -> Any:
        asked = request.form
        refusal = refuse(asked)
        if refusal:
            return refusal
        if asked.get("decision") == "cancel":
            return _back(asked, issuer, error="access_denied")
        given = asked.get("username", "")
        person = by_username.get(given.strip().lower())
        if person is None:
            problem = "Nobody of that name can sign in here. Check the spelling."
            return _form(asked, people, given=given, problem=problem), 400
        return _back(asked, issuer, code=grants.issue_code(_signed_in(asked, person)))

    return pages


def _signed_in(asked: Mapping[str, str], person: Person) -> SignIn:
    return SignIn(
        person=person,
        redirect_uri=asked["redirect_uri"],
        code_challenge=asked["code_challenge"],
        nonce=asked.get("nonce"),
    )


def _form(
    asked: Mapping[str, str], people: Sequence[Person], *, given: str = "", problem: str = ""
) -> str:
    return page(
        _FORM,
        title="Sign in",
        banner=BANNER,
        asked={name: asked[name] for name in ASKED if name in asked},
        people=people,
        path=PATH,
        given=given,
        problem=problem,
        shown=SHOWN,
    )


def _back(asked: Mapping[str, str], issuer: str, **answer: str) -> Any:
    # RFC 9207: `iss` tells the client which provider it hears.
    query = answer | {"iss": issuer}
    if asked.get("state"):
        query["state"] = asked["state"]
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    return redirect(f"{asked['redirect_uri']}{joint}{urlencode(query)}", 303)
