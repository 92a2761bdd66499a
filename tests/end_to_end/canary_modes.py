"""Everything that can happen to a link's days and to a patient on the link page, as tables.

Belongs here: modes, journeys and how each ends. Not here: carrying them out (`canary_scene.py`).
"""

from dataclasses import dataclass

from tests.end_to_end import canary_journeys as go
from tests.end_to_end.canary_rows import ACTIVITY, ECG, NIGHT, OF_NIGHTS, OF_WORKOUTS, WORKOUT

# Stands in an order of a fault for the values and the name of the person whom it hits.
CANARY = "CANARY"


@dataclass(frozen=True)
class Mode:
    """A link whose vendor or EHR does something; how its days end, and whether they arrive.

    A `whole` one shares all that the vendor has, with values in rows of each kind: those `lost` do
    not arrive. What is `unreadable`, as (kind of row, field), holds no value that can be one.
    """

    name: str
    outcome: str
    arrives: bool
    faults: tuple = ()
    whole: bool = False
    lost: tuple = ()
    unreadable: tuple = ()


@dataclass(frozen=True)
class Journey:
    """A patient's way through the link page, and the heading of the page where it ends."""

    name: str
    steps: object
    ends: str
    faults: tuple = ()


def vendor(kind, **more):
    return ({"target": "withings", "kind": kind, **more},)


def ehr(kind, **more):
    return ({"target": "ehr", "kind": kind, **more},)


def identity(kind, **more):
    return ({"target": "identity", "kind": kind, **more},)


RAN_OUT = vendor("unauthorized", count=1)
MODES = [
    Mode("success", "synced", arrives=True),
    Mode("a record that cannot be read", "synced", arrives=True, faults=vendor("bad_record")),
    Mode("measures of an unknown type", "synced", arrives=True, faults=vendor("unknown_types")),
    Mode("every row twice", "synced", arrives=True, faults=vendor("duplicate_rows")),
    Mode("no envelope", "malformed", arrives=False, faults=vendor("not_an_envelope")),
    Mode("a list for a body", "malformed", arrives=False, faults=vendor("list_body")),
    Mode("no groups", "malformed", arrives=False, faults=vendor("missing_groups")),
    Mode(
        "no JSON from the vendor",
        "malformed",
        arrives=False,
        faults=vendor("malformed", call="getmeas"),
    ),
    Mode(
        "half an answer of the vendor",
        "malformed",
        arrives=False,
        faults=vendor("truncated", call="getmeas"),
    ),
    Mode(
        "the vendor's JSON as HTML",
        "malformed",
        arrives=False,
        faults=vendor("wrong_type", call="getmeas"),
    ),
    Mode(
        "a vendor that drips",
        "synced",
        arrives=True,
        faults=vendor("drip", call="getmeas", count=1),
    ),
    Mode(
        "a vendor that breaks off",
        "synced",
        arrives=True,
        faults=vendor("drop_after_commit", call="getmeas", count=1),
    ),
    Mode(
        "HTTP 500",
        "vendor_down",
        arrives=False,
        faults=vendor("http", status=500, call="getmeas", text=CANARY),
    ),
    Mode(
        "HTTP 403",
        "vendor_rejected",
        arrives=False,
        faults=vendor("http", status=403, call="getmeas", text=CANARY)
        + vendor("http", status=403, call="getdevice", text=CANARY),
    ),
    Mode(
        "status 503",
        "vendor_rejected",
        arrives=False,
        faults=vendor("status", status=503, text=CANARY),
    ),
    Mode(
        "status 601",
        "rate_limited",
        arrives=False,
        faults=vendor("status", call="getmeas", text=CANARY),
    ),
    Mode("a token that ran out", "synced", arrives=True, faults=RAN_OUT),
    Mode(
        "a refresh that is refused",
        "auth_lost",
        arrives=False,
        faults=vendor("unauthorized") + vendor("refuse_refresh"),
    ),
    Mode(
        "half a refresh",
        "malformed",
        arrives=False,
        faults=vendor("unauthorized") + vendor("truncated", call="refresh"),
    ),
    Mode("a token that is refused", "auth_lost", arrives=False, faults=vendor("unauthorized")),
    Mode(
        "entries refused",
        "ehr_rejected",
        arrives=False,
        faults=ehr("entry_status", status=422, echo=True),
    ),
    Mode(
        "writes forbidden",
        "ehr_rejected",
        arrives=False,
        faults=ehr("status", status=403, echo=True),
    ),
    Mode(
        "writes that fail",
        "ehr_down",
        arrives=False,
        faults=ehr("status", status=500, method="write", echo=True),
    ),
    Mode("a conflict", "synced", arrives=True, faults=ehr("conflict", count=1, echo=True)),
    Mode(
        "no JSON from the EHR", "malformed", arrives=False, faults=ehr("malformed", method="write")
    ),
    Mode(
        "half an answer to a search",
        "malformed",
        arrives=False,
        faults=ehr("truncated", method="read"),
    ),
    Mode(
        "half an answer to a Bundle",
        "malformed",
        arrives=True,
        faults=ehr("truncated", method="write"),
    ),
    Mode(
        "the EHR's JSON as HTML",
        "malformed",
        arrives=True,
        faults=ehr("wrong_type", method="write"),
    ),
    Mode("no answer to each entry", "malformed", arrives=True, faults=ehr("not_a_bundle")),
    Mode("an EHR that drips", "synced", arrives=True, faults=ehr("drip", method="write", count=1)),
    Mode(
        "an EHR that breaks off", "synced", arrives=True, faults=ehr("drop_after_commit", count=1)
    ),
    Mode("success with everything", "synced", arrives=True, whole=True),
    Mode(
        "HTTP 500 in the place of nights",
        "vendor_down",
        arrives=True,
        faults=vendor("http", status=500, call="getsummary", text=CANARY),
        whole=True,
        lost=OF_NIGHTS,
    ),
    Mode(
        "rows that cannot be read",
        "synced",
        arrives=True,
        whole=True,
        lost=OF_WORKOUTS,
        unreadable=(
            (WORKOUT, "startdate"),
            (ACTIVITY, "elevation"),
            (NIGHT, "hr_min"),
            (ECG, "afib"),
        ),
    ),
    Mode(
        "entries of everything refused",
        "ehr_rejected",
        arrives=False,
        faults=ehr("entry_status", status=422, echo=True),
        whole=True,
    ),
]
# In a run of their own: an order that hits a Device hits anybody's, and a kill the whole worker.
DEVICE = Mode(
    "a Device that is refused",
    "ehr_rejected",
    arrives=False,
    faults=ehr("entry_status", count=1, echo=True),
)
KILLED = Mode(
    "kill -9 in the middle",
    None,
    arrives=False,
    faults=ehr("hang", method="write"),
    whole=True,
)
ALL_MODES = [*MODES, DEVICE, KILLED]
WHOLE_MODES = [mode for mode in ALL_MODES if mode.whole]

_WRONG_TOKENS = [
    *("wrong_issuer", "wrong_audience", "wrong_nonce", "wrong_signature", "alg_none"),
    *("expired_token", "hs256_with_client_secret", "no_id_token"),
]
NO_SIGN_IN = "The sign-in did not work"
NO_ANSWER = "Withings does not answer right now"
JOURNEYS = [
    Journey("sign-in cancelled", go.cancel_the_sign_in, "You are not signed in"),
    *(
        Journey(f"id token: {kind}", go.sign_in, NO_SIGN_IN, identity(kind))
        for kind in _WRONG_TOKENS
    ),
    Journey(
        "the token endpoint fails",
        go.sign_in,
        "Signing in is not possible right now",
        identity("status", call="token", status=500, count=1),
    ),
    Journey(
        "no JSON from the token endpoint",
        go.sign_in,
        NO_SIGN_IN,
        identity("malformed", call="token", count=1),
    ),
    Journey("a sign-in comes back twice", go.sign_in_twice, "Please sign in again"),
    Journey(
        "the EHR is down at the sign-in",
        go.sign_in,
        "Your record cannot be checked right now",
        ehr("status", status=403, echo=True),
    ),
    Journey(
        "half a Patient", go.sign_in, "Your record cannot be checked right now", ehr("truncated")
    ),
    Journey("consent refused", go.refuse, "You cancelled; nothing was connected"),
    Journey("a consent comes back twice", go.come_back_twice, "This step was already done"),
    Journey("a state of nobody", go.forge_a_state, "We did not start this"),
    Journey(
        "the vendor is down at the exchange",
        go.allow,
        NO_ANSWER,
        vendor("http", status=500, call="exchange", text=CANARY),
    ),
    Journey("half a token answer", go.allow, NO_ANSWER, vendor("truncated", call="exchange")),
    Journey("a token answer as HTML", go.allow, NO_ANSWER, vendor("wrong_type", call="exchange")),
    Journey(
        "a code that expired",
        go.allow,
        "Withings did not accept the connection",
        vendor("expired_code"),
    ),
    Journey("too little is allowed", go.allow, "A permission is missing", vendor("reduced_scope")),
    Journey(
        "an account that cannot be read",
        go.allow,
        "Withings no longer accepts the permission",
        vendor("http", status=403, call="getdevice", text=CANARY),
    ),
    Journey("disconnected", go.disconnect, "Your devices"),
    Journey(
        "disconnected while the vendor is down",
        go.disconnect,
        "Your devices",
        vendor("http", status=403, call="revoke", text=CANARY),
    ),
    Journey("not mine", go.say_not_mine, "The account was not connected"),
]
