"""OMRON's cloud over a test client, within a whole sandbox.

Belongs here: a person's and an application's moves. Not here: what a test expects.
"""

from tests.unit.sandbox.world_parts import CALLBACK, Sandbox

CONSENT = "/connect/authorize"
TYPES = ("bloodpressure", "activity", "weight", "temperature", "oxygen")
ALL = f"{' '.join(TYPES)} openid offline_access"
NOTIFY = "https://portal.example/webhooks/omron/unguessable"
# People by what is special about them.
TWO_TRACKERS, TRAVELLER, LATE, TYPIST, PLAIN = range(5)


class Omron(Sandbox):
    """Test clients of one sandbox, and the moves of OMRON's users and partners."""

    def __init__(self, data="all"):
        super().__init__(data=data)
        self.cloud = self.world.omron
        self.web = self.cloud.app.test_client()
        self.posted = []
        self.status = 200
        self.cloud.deliveries._post = self._post

    def _post(self, url, body):
        self.posted.append((url, dict(body)))
        return self.status

    def login(self, person=0):
        return self.people[person].login

    def asked(self, **changes):
        return super().asked(**{"scope": ALL} | changes)

    def decide(self, person=0, decision="allow", **changes):
        form = self.asked(**changes) | {"person": self.login(person), "decision": decision}
        return self.web.post(CONSENT, data=form)

    def token_call(self, **fields):
        fields = {"client_id": "app", "client_secret": "app-secret"} | fields
        fields = {name: value for name, value in fields.items() if value is not None}
        return self.web.post("/connect/token", data=fields)

    def exchange(self, code, **changes):
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return self.token_call(**fields | changes)

    def refresh(self, token, **changes):
        return self.token_call(
            **{"grant_type": "refresh_token", "refresh_token": token, "redirect_uri": CALLBACK}
            | changes
        )

    def revoke(self, token, **changes):
        fields = {"client_id": "app", "client_secret": "app-secret", "token": token} | changes
        return self.web.post("/connect/revocation", data=fields)

    def link(self, person=0, **changes):
        """Consent and exchange; gives the token answer."""
        answer = self.exchange(self.code(person, **changes))
        assert answer.status_code == 200, answer.text
        return answer.json

    def access(self, person=0, **changes):
        return self.link(person, **changes)["access_token"]

    def measure(self, token, **fields):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.web.post("/api/measurement", data=fields, headers=headers)

    def result(self, token, **fields):
        answer = self.measure(token, **fields).json
        assert answer["status"] == 0, answer
        return answer["result"]

    def rows(self, first, last, person=0):
        query = {"login": self.login(person), "from": first, "to": last}
        return self.control.get("/omron/rows", query_string=query).json

    def deliver(self, *, later=0):
        self.clock.advance(later)
        return self.cloud.deliveries.deliver_due()


def error_of(answer):
    return answer.status_code, answer.json["error"]
