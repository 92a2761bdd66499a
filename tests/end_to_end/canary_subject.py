"""Whom a mode or a journey happens to, with readings that occur nowhere else.

Belongs here: the person's canaries. Not here: what happens to them (`canary_orders.py`).
"""

from dataclasses import dataclass, field
from types import SimpleNamespace

from sandbox.google_health.accounts import legacy_user_id
from tests.end_to_end.canary_orders import GOOGLE_HEALTH, WITHINGS
from tests.end_to_end.canary_search import number_spellings, text_spellings

# Readings are whole numbers times 10^UNIT, as the vendor writes them.
UNIT = -8


@dataclass(frozen=True)
class Planted:
    """A value in a row: a whole number times 10^unit."""

    number: int
    unit: int

    @property
    def text(self):
        """The value as an EHR writes it."""
        return with_point(self.number) if self.unit else str(self.number)


@dataclass
class Subject:
    """Whom a mode or a journey happens to: the person, what was planted, the link.

    `rows` are the values in what is no measure group, by name.
    """

    person: dict
    vendor: str = WITHINGS
    readings: list = field(default_factory=list)
    rows: dict = field(default_factory=dict)
    link: str | None = None

    def canaries(self, name):
        """Everything of this person that may be nowhere, with all spellings."""
        person = self.person
        numbers = {f"{name}: {value}": number_spellings(value, UNIT) for value in self.readings}
        numbers |= {
            f"{name}: {what}": number_spellings(one.number, one.unit)
            for what, one in self.rows.items()
        }
        texts = {key: person[key] for key in ("name", "login", "user_id")}
        if self.vendor == GOOGLE_HEALTH:
            named = SimpleNamespace(user_id=person["user_id"])
            texts |= {"health_user_id": person["health_user_id"]}
            texts |= {"legacy_user_id": legacy_user_id(named)}
        return numbers | {f"{name}: {key}": text_spellings(one) for key, one in texts.items()}


def odd_value(rng, first):
    """A value that no clock, id or count shows by chance: `first`, then eight digits, times 10^-8."""
    return int(f"{first}{rng.randrange(10**7, 10**8)}") // 10 * 10 + rng.randrange(1, 10)


def with_point(value):
    """A value as an EHR writes it."""
    digits = str(value)
    return f"{digits[:UNIT]}.{digits[UNIT:]}"
