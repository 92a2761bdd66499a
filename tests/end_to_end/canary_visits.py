"""Everything that can happen to a patient on the link page, by way of Withings, as a table.

Belongs here: journeys and where each ends. Not here: their steps (`canary_journeys.py`), Google
Health's (`canary_google_modes.py`).
"""

from tests.end_to_end import canary_journeys as go
from tests.end_to_end.canary_orders import CANARY, Journey, ehr, identity, vendor

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
