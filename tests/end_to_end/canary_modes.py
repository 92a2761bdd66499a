"""Everything that can happen to a link's days at Withings or at the EHR, as a table.

Belongs here: modes and how each ends. Not here: their shape (`canary_orders.py`), Google Health's
(`canary_google_modes.py`), what happens to a patient on the link page (`canary_visits.py`).
"""

from tests.end_to_end.canary_orders import CANARY, Mode, ehr, vendor
from tests.end_to_end.canary_rows import ACTIVITY, ECG, NIGHT, OF_NIGHTS, OF_WORKOUTS, WORKOUT

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
