"""A patient's steps on the link page, with every secret that their browser holds on the way.

Belongs here: forms and addresses. Not here: what goes wrong meanwhile (`canary_visits.py`).
"""

import base64
import json
import re
import zlib

from ohx_pipelines.cli.demo_browser import Browser
from tests.end_to_end.canary_orders import GOOGLE_HEALTH, WITHINGS

# What a link shares whose owner did not leave every box ticked.
FEW_TYPES = {WITHINGS: ("body", "blood_pressure"), GOOGLE_HEALTH: ("body",)}
# What somebody allows at Google who leaves out the settings, and who leaves out the heart.
_SCOPE = "https://www.googleapis.com/auth/googlehealth.{}.readonly"
WITHOUT_SETTINGS = (_SCOPE.format("sleep"),)
IN_PART = (*WITHOUT_SETTINGS, _SCOPE.format("settings"))
_SECRETS = {"id", "nonce", "code_verifier", "csrf_token"}


class Visitor(Browser):
    """A browser that goes on whatever a page says, and remembers its cookies."""

    def __init__(self, portal, person, vendor):
        super().__init__()
        self.portal, self.person, self.vendor = portal, person, vendor
        self.cookies = set()
        self._session.hooks["response"].append(self._remember)

    @property
    def text(self):
        return self._page.text

    def passed(self, part):
        """The address with `part` that the last redirects led over."""
        return next(one.url for one in self._page.history if part in one.url)

    def secrets(self):
        """Cookies of the portal, and what is secret of the sessions in them."""
        return self.cookies.union(*(secrets_of(one) for one in self.cookies))

    def _remember(self, response, *_args, **_options):
        self.cookies |= {one.value for one in response.cookies if "ohx" in one.name}

    def _checked(self, response, url):
        del url
        return response


def secrets_of(cookie):
    """Session id, nonces, verifiers and form tokens of a session cookie."""
    packed = cookie.startswith(".")
    payload = cookie.removeprefix(".").split(".", 1)[0]
    data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return set(_texts(json.loads(zlib.decompress(data) if packed else data)))


def _texts(content):
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _texts(value)
        elif name in _SECRETS:
            yield value


def cancel_the_sign_in(visitor):
    visitor.open(f"{visitor.portal}/")
    visitor.submit("/sign-in")
    visitor.submit("", {"decision": "cancel"})


def sign_in(visitor):
    visitor.open(f"{visitor.portal}/")
    visitor.submit("/sign-in")
    visitor.submit("", {"username": visitor.person["username"]})


def sign_in_twice(visitor):
    sign_in(visitor)
    visitor.open(visitor.passed("/sign-in/return"))


def _decide(visitor, decision, **more):
    sign_in(visitor)
    visitor.open(f"{visitor.portal}/connect/{visitor.vendor}")
    visitor.submit("initiate_oauth2")
    visitor.submit("", {"person": visitor.person["login"], "decision": decision, **more})


def refuse(visitor):
    _decide(visitor, "deny")


def allow(visitor):
    _decide(visitor, "allow")


def allow_in_part(visitor):
    _decide(visitor, "allow", scope=IN_PART)


def allow_too_little(visitor):
    _decide(visitor, "allow", scope=WITHOUT_SETTINGS)


def come_back_twice(visitor):
    allow(visitor)
    visitor.open(visitor.passed("oauth2_callback"))


def forge_a_state(visitor):
    sign_in(visitor)
    address = f"{visitor.portal}/api/base/provider-links/{visitor.vendor}/oauth2_callback/"
    visitor.open(f"{address}?code=code-that-nobody-gave&state=state-that-nobody-gave")


def say_not_mine(visitor):
    allow(visitor)
    visitor.submit("/discard")


def link(visitor):
    allow(visitor)
    visitor.submit("/confirm", {"data_type": FEW_TYPES[visitor.vendor]})


def link_whole(visitor):
    allow(visitor)
    visitor.submit("/confirm")


def disconnect(visitor):
    link(visitor)
    place = re.search(r'"(/links/[^/"]+/disconnect)"', visitor.text)[1]
    visitor.open(f"{visitor.portal}{place}")
    visitor.submit("/disconnect")
