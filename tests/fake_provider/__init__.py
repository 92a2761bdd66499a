"""A made-up cloud of weights, as small as a provider can be: one folder, and one line in the registry.

Belongs here: all that a room has. Not here: what is expected of it (`tests/unit/test_a_new_provider.py`).
"""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, to_frame
from ohx_pipelines.providers.base import (
    Account,
    DataType,
    Fetched,
    Limit,
    Listed,
    Normalized,
    Page,
    ProviderFacts,
    Received,
    TokenGrant,
)
from ohx_pipelines.providers.room import ProviderRoom

WEIGHT = frozenset({Metric.BODY_WEIGHT})
FACTS = ProviderFacts(
    name="tiny",
    title="Tiny Scales",
    manufacturer="Tiny",
    scopes=("weights",),
    data_types=(DataType(name="weight", title="weight", metrics=WEIGHT),),
    pkce=True,
    most_days=30,
    limits=(Limit(calls=60, seconds=60, per="application"),),
)


class TinyProvider:
    """Lists 72.3 kg for every day at seven."""

    facts = FACTS

    def __init__(self, budget):
        self.budget = budget

    def authorize_url(self, *, state, redirect_uri, code_challenge):
        return f"https://tiny.example/yes?state={state}&back={redirect_uri}&c={code_challenge}"

    def exchange_code(self, *, code, redirect_uri, code_verifier):
        return self.refresh(code)

    def refresh(self, refresh_token):
        return TokenGrant(
            access_token="access",
            refresh_token=refresh_token,
            expires_at=datetime.now(UTC) + timedelta(hours=1),
            scopes=frozenset(FACTS.scopes),
            user=refresh_token,
        )

    def revoke(self, *, user, refresh_token):
        """Nothing is kept."""

    def check(self):
        """Always there."""

    def account(self, token):
        return Account(zone=ZoneInfo("Europe/Berlin"), devices=(), last_reading=None)

    def devices(self, token, *, shared=None):
        return []

    def fetch(self, window, token, *, asked):
        self.budget.spend(account=token.account)
        page = Page(listing="weights", body={"kg": "72.3"})
        return Fetched(window=window, pages=[page], calls=1, asked=asked)

    def normalize(self, fetched):
        window = fetched.window
        rows = [
            Measurement(
                metric=Metric.BODY_WEIGHT,
                value=Decimal(fetched.pages[0].body["kg"]),
                unit="kg",
                start=datetime.combine(day, time(7), window.zone).astimezone(UTC),
                offset_minutes=60,
                day=day,
                method=RecordingMethod.DEVICE,
                record=f"w{day:%Y%m%d}",
                group=f"w{day:%Y%m%d}",
            )
            for day in window.days
        ]
        return Normalized(
            frame=to_frame(rows),
            devices={},
            unpublished=[],
            ignored={},
            listed=(Listed(metrics=WEIGHT),),
        )

    def subscriptions(self, token, *, url):
        return frozenset()

    def subscribe(self, token, *, url, kind):
        """Tells of nothing."""

    def unsubscribe(self, token, *, url, kind):
        """Tells of nothing."""

    def receive(self, delivery):
        return Received(status=200)


TINY = ProviderRoom(
    facts=FACTS, build=lambda _, budget_for: TinyProvider(budget_for(FACTS.name, FACTS.limits))
)
