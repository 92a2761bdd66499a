"""What can happen to a link's days at Google Health, and to a patient who connects it, as tables.

Belongs here: modes and journeys by way of Google. Not here: those of every vendor, which Withings
goes through (`canary_modes.py`, `canary_visits.py`).
"""

from functools import partial

from tests.end_to_end import canary_journeys as go
from tests.end_to_end.canary_google_rows import EXERCISE, OF_ECGS, OF_EXERCISES
from tests.end_to_end.canary_orders import CANARY, GOOGLE_HEALTH, Journey, Mode, ehr, google

_WEIGHTS, _ECGS, _LAST = (
    "weight:list",
    "electrocardiogram:list",
    "irregular-rhythm-notification:list",
)
_mode = partial(Mode, vendor=GOOGLE_HEALTH)
_journey = partial(Journey, vendor=GOOGLE_HEALTH)
MODES = [
    _mode("Google: success", "synced", arrives=True),
    _mode("Google: a bad record", "synced", arrives=True, faults=google("bad_record")),
    _mode("Google: unknown words", "synced", arrives=True, faults=google("unknown_types")),
    _mode("Google: no JSON", "malformed", arrives=False, faults=google("malformed", call=_WEIGHTS)),
    _mode(
        "Google: half an answer",
        "malformed",
        arrives=False,
        faults=google("truncated", call=_WEIGHTS),
    ),
    _mode(
        "Google: HTTP 500",
        "vendor_down",
        arrives=False,
        faults=google("http", status=500, call=_WEIGHTS, text=CANARY),
    ),
    _mode(
        "Google: HTTP 403",
        "vendor_rejected",
        arrives=False,
        faults=google("http", status=403, call=_WEIGHTS, text=CANARY),
    ),
    _mode(
        "Google: a token that ran out",
        "synced",
        arrives=True,
        faults=google("unauthorized", count=1),
    ),
    _mode(
        "Google: a refresh that is refused",
        "auth_lost",
        arrives=False,
        faults=google("unauthorized") + google("refuse_refresh"),
    ),
    _mode("Google: success with everything", "synced", arrives=True, whole=True),
    _mode(
        "Google: HTTP 500 in the place of ECGs",
        "vendor_down",
        arrives=True,
        faults=google("http", status=500, call=_ECGS, text=CANARY),
        whole=True,
        lost=OF_ECGS,
    ),
    _mode(
        "Google: an exercise that cannot be read",
        "synced",
        arrives=True,
        whole=True,
        lost=OF_EXERCISES,
        unreadable=((EXERCISE, "caloriesKcal"),),
    ),
    _mode(
        "Google: entries of everything refused",
        "ehr_rejected",
        arrives=False,
        faults=ehr("entry_status", status=422, echo=True),
        whole=True,
    ),
]
# While the last listing hangs, the worker holds what all others brought.
LAST_CALL = _LAST
KILLED = _mode(
    "Google: kill -9 in the middle",
    None,
    arrives=False,
    faults=google("hang", call=_LAST),
    whole=True,
)

JOURNEYS = [
    _journey("Google: consent refused", go.refuse, "You cancelled; nothing was connected"),
    _journey(
        "Google: consent in part",
        go.allow_in_part,
        "Is this your Fitbit / Google Health account?",
        says="not allowed at Fitbit / Google Health",
    ),
    _journey("Google: too little is allowed", go.allow_too_little, "A permission is missing"),
    _journey(
        "Google: an account without data",
        go.allow,
        "This account has no Fitbit / Google Health data yet",
        not_linked=True,
    ),
    _journey(
        "Google: HTTP 500 at the exchange",
        go.allow,
        "Fitbit / Google Health does not answer right now",
        google("http", status=500, call="exchange", text=CANARY),
    ),
    _journey("Google: a state of nobody", go.forge_a_state, "We did not start this"),
    _journey("Google: not mine", go.say_not_mine, "The account was not connected"),
    _journey(
        "Google: disconnected while Google is down",
        go.disconnect,
        "Your devices",
        google("http", status=403, call="revoke", text=CANARY),
    ),
]
