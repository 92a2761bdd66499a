"""Google's project, keys and users over real HTTP, and an address of ours that Google can reach.

Belongs here: the sandbox's parts on one server, with ways to disturb them. Not here: what is expected.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from contextlib import contextmanager

from flask import Flask, Response, request
from pydantic import SecretStr
from werkzeug.serving import make_server

from ohx_pipelines.deadline import DeadlineAdapter
from ohx_pipelines.provider_settings import GoogleHealthSettings
from ohx_pipelines.providers.base import Delivery
from ohx_pipelines.providers.google_health.client import GoogleHealthClient
from ohx_pipelines.providers.google_health.notifications import GoogleNotifications
from ohx_pipelines.providers.google_health.oauth import GoogleOAuth
from sandbox.clock import Clock
from sandbox.google_health import keyset, service_accounts
from sandbox.google_health.accounts import health_user_id
from sandbox.google_health.errors import Refused
from sandbox.google_health.notifying import create_notifying
from sandbox.google_health.settings import Settings
from sandbox.google_health.tellable import SCOPES
from sandbox.google_health.tokens import Grant, Tokens, Way
from sandbox.people import make_people
from tests.unit.portal.conftest import QuietHandler
from tests.unit.sandbox.google_health.notifying_parts import KEY, NOON

WORD = "w3bhook-" * 5
CANARY = "CANARY-987.654"
BACK = "https://portal.example/"
OWN = "our-subscriber"


class Link:
    """A link's token, as a sync would hold it."""

    def __init__(self, access, account):
        self.access, self.account = access, account
        self.scopes = frozenset(SCOPES.values())

    def current(self):
        return self.access

    def renew(self, refused):
        raise AssertionError(refused)


class Scene:
    """The stand-in and the product beside it. `broken` are answers in place of Google's, by path.

    `asked` are the calls that reached Google, `received` what our address made of its deliveries.
    """

    def __init__(self, folder):
        self.clock = Clock(real=lambda: NOON)
        self.people = make_people(2)
        self.tokens = Tokens(self.clock, Settings())
        self.google = create_notifying(self.people, self.clock, self.tokens)
        self.google.account.__dict__["_made"] = KEY
        self.broken, self.asked, self.received = {}, [], []
        self.answers_as = None
        self.app = self._app()
        self.server = make_server(
            "127.0.0.1", 0, self.app, threaded=True, request_handler=QuietHandler
        )
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.hook = f"{self.url}/hook/one"
        self.key_file = folder / "account.json"
        self.write_key_file()
        self.ours = self.notifications()

    def write_key_file(self, **changes):
        token_uri = f"{self.url}{service_accounts.PATH}"
        self.key_file.write_text(json.dumps(self.google.account.key_file(token_uri) | changes))

    def settings(self, **changes):
        given = {
            "api_url": self.url,
            "authorize_url": f"{self.url}/authorize",
            "token_url": f"{self.url}/token",
            "revoke_url": f"{self.url}/revoke",
            "keyset_url": f"{self.url}{keyset.PATH}",
            "project": service_accounts.PROJECT_NUMBER,
            "service_account_file": self.key_file,
            "subscriber": OWN,
            "webhook_secret": SecretStr(WORD),
            "timeout_seconds": 5,
        }
        return GoogleHealthSettings(client_id="a", client_secret="b", **(given | changes))

    def notifications(self, *, budget=None, **changes):
        """The product as another process would build it."""
        settings = self.settings(**changes)
        adapter = DeadlineAdapter(seconds=settings.timeout_seconds)
        client = GoogleHealthClient(settings, GoogleOAuth(settings, scopes=(), adapter=adapter))
        return GoogleNotifications(settings, client, adapter=adapter, budget=budget)

    def user(self, person=0):
        return health_user_id(self.people[person])

    def link(self, person=0):
        grant = Grant(person=self.people[person], scopes=tuple(set(SCOPES.values())))
        code = self.tokens.issue_code(grant, Way(redirect_uri=BACK))
        access = self.tokens.exchange(code, BACK, None).access
        return Link(access, f"link-{person}")

    def subscriber(self, number=OWN):
        return self.google.subscribers.get(number)

    def subscribed(self, person=0):
        """What Google holds of a person: the data types of every subscription."""
        own = self.subscriber()
        held = self.google.subscriptions.of(own) if own else []
        return [{*one.types} for one in held if one.user == self.user(person)]

    def counted(self):
        """The calls since, by method and what they are about; and forget them."""
        calls = Counter(f"{method} {path.split('/')[-1]}" for method, path in self.asked)
        self.asked.clear()
        return calls

    def _app(self):
        app = Flask("google")
        for blueprint in self.google.blueprints:
            app.register_blueprint(blueprint)
        app.errorhandler(Refused)(lambda refused: refused.answer())
        app.before_request(self._disturb)
        app.add_url_rule("/v4/users/me/identity", view_func=self._identity)
        app.add_url_rule("/hook/<word>", view_func=self._portal, methods=["POST"])
        return app

    def _disturb(self):
        if request.path.startswith("/hook/"):
            return None
        self.asked.append((request.method, request.path))
        for part, answer in self.broken.items():
            if part in f"{request.method} {request.path}":
                status, body = answer
                text = body if isinstance(body, str) else json.dumps(body)
                return Response(text, status, mimetype="application/json")
        return None

    def _identity(self):
        person = self.tokens.whose(request.headers["Authorization"].removeprefix("Bearer "))
        return {"healthUserId": health_user_id(person), "name": "users/me/identity"}

    def _portal(self, word):
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = self.ours.receive(Delivery(headers=headers, body=request.get_data()))
        self.received.append((word, received))
        return Response("", self.answers_as or received.status)


@contextmanager
def notifying_scene(folder):
    scene = Scene(folder)
    # Its usual half second would be most of a test.
    serving = threading.Thread(target=scene.server.serve_forever, args=(0.01,))
    serving.start()
    try:
        yield scene
    finally:
        scene.server.shutdown()
        serving.join(30)
        scene.server.server_close()
