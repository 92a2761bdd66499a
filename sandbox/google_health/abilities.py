"""What can be asked of each data type: its kind, its methods, the scope that it needs.

Belongs here: that table, and the limits that differ by type. Not here: which types people have data
of (`kinds.py`), and the calls themselves (`data_calls.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.google_health.kinds import DAILY, INTERVAL, SAMPLE, SESSION

PREFIX = "https://www.googleapis.com/auth/googlehealth"
LIST, RECONCILE, ROLL_UP, DAILY_ROLL_UP = "list", "reconcile", "rollUp", "dailyRollUp"
# As the vendor's own refusals spell them.
SPOKEN = {LIST: "list", RECONCILE: "reconcile", ROLL_UP: "rollup", DAILY_ROLL_UP: "dailyRollup"}
_LETTERS = {"L": LIST, "R": RECONCILE, "U": ROLL_UP, "D": DAILY_ROLL_UP}


def _scope(name: str) -> str:
    return f"{PREFIX}.{name}.readonly"


ACTIVITY, HEALTH = _scope("activity_and_fitness"), _scope("health_metrics_and_measurements")
SLEEP, ECG, IRN = _scope("sleep"), _scope("ecg"), _scope("irn")
NUTRITION, SETTINGS = _scope("nutrition"), _scope("settings")
# What the consent page says of each.
SCOPES = {
    ACTIVITY: "your activity and fitness",
    HEALTH: "your health metrics and measurements",
    SLEEP: "your sleep",
    ECG: "your electrocardiograms",
    IRN: "your irregular rhythm notifications",
    _scope("profile"): "your profile",
    SETTINGS: "your settings and your paired devices",
    _scope("location"): "the places where you exercise",
    NUTRITION: "what you eat and drink",
    _scope("logged_symptoms"): "the symptoms that you log",
    _scope("mindfulness"): "your mindfulness",
    _scope("reproductive_health"): "your reproductive health",
}


@dataclass(frozen=True, kw_only=True)
class Ability:
    """What can be asked of one data type."""

    kind: str
    methods: tuple[str, ...]
    scope: str


def _ability(kind: str, letters: str, scope: str) -> Ability:
    return Ability(kind=kind, methods=tuple(_LETTERS[one] for one in letters), scope=scope)


# Of three interval and daily types the pages name no `list`, which clients use nevertheless.
ABILITIES = {
    "steps": _ability(INTERVAL, "LRUD", ACTIVITY),
    "distance": _ability(INTERVAL, "LRUD", ACTIVITY),
    "floors": _ability(INTERVAL, "RUD", ACTIVITY),
    "altitude": _ability(INTERVAL, "LRUD", ACTIVITY),
    "active-energy-burned": _ability(INTERVAL, "LRUD", ACTIVITY),
    "basal-energy-burned": _ability(INTERVAL, "LR", ACTIVITY),
    "total-calories": _ability(INTERVAL, "UD", ACTIVITY),
    "active-minutes": _ability(INTERVAL, "LRUD", ACTIVITY),
    "active-zone-minutes": _ability(INTERVAL, "LRUD", ACTIVITY),
    "activity-level": _ability(INTERVAL, "LRU", ACTIVITY),
    "sedentary-period": _ability(INTERVAL, "LRUD", ACTIVITY),
    "time-in-heart-rate-zone": _ability(INTERVAL, "LRUD", ACTIVITY),
    "calories-in-heart-rate-zone": _ability(INTERVAL, "UD", ACTIVITY),
    "swim-lengths-data": _ability(INTERVAL, "LRUD", ACTIVITY),
    "run-vo2-max": _ability(SAMPLE, "LRUD", ACTIVITY),
    "vo2-max": _ability(SAMPLE, "LR", ACTIVITY),
    "daily-vo2-max": _ability(DAILY, "LR", ACTIVITY),
    "exercise": _ability(SESSION, "LR", ACTIVITY),
    "heart-rate": _ability(SAMPLE, "LRUD", HEALTH),
    "heart-rate-variability": _ability(SAMPLE, "LR", HEALTH),
    "oxygen-saturation": _ability(SAMPLE, "LR", HEALTH),
    "respiratory-rate-sleep-summary": _ability(SAMPLE, "LR", HEALTH),
    "daily-resting-heart-rate": _ability(DAILY, "LR", HEALTH),
    "daily-heart-rate-variability": _ability(DAILY, "LR", HEALTH),
    "daily-heart-rate-zones": _ability(DAILY, "LR", HEALTH),
    "daily-oxygen-saturation": _ability(DAILY, "LR", HEALTH),
    "daily-respiratory-rate": _ability(DAILY, "LR", HEALTH),
    "daily-sleep-temperature-derivations": _ability(DAILY, "LR", HEALTH),
    "weight": _ability(SAMPLE, "LRUD", HEALTH),
    "body-fat": _ability(SAMPLE, "LRUD", HEALTH),
    "height": _ability(SAMPLE, "LR", HEALTH),
    "blood-glucose": _ability(SAMPLE, "LRUD", HEALTH),
    "core-body-temperature": _ability(SAMPLE, "LRUD", HEALTH),
    "sleep": _ability(SESSION, "LR", SLEEP),
    "electrocardiogram": _ability(SESSION, "L", ECG),
    "irregular-rhythm-notification": _ability(SESSION, "L", IRN),
    "hydration-log": _ability(SESSION, "LRUD", NUTRITION),
    "nutrition-log": _ability(SESSION, "LRUD", NUTRITION),
}
_SHORT_ROLL_UPS = frozenset(
    {"calories-in-heart-rate-zone", "heart-rate", "active-minutes", "total-calories"}
)
_FEW_TO_A_PAGE = frozenset({"exercise", "sleep"})


def most_days(path: str) -> int:
    """Give how many days a roll-up of a type spans at most."""
    return 14 if path in _SHORT_ROLL_UPS else 90


def page_sizes(path: str) -> tuple[int, int]:
    """Give how many points a page has unasked, and at most."""
    return (25, 25) if path in _FEW_TO_A_PAGE else (1_440, 10_000)
