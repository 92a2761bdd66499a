"""The table of faults: what goes wrong, at which stage, and how the patient's days must end.

Belongs here: rows, one line each where it fits. Not here: running them (`test_fault_table.py`).
Expectations are the promises of design section 3 and the vendor's documented statuses, written down
before they were run. No row ends in `no_data`: that word is the vendor's alone.
"""

from dataclasses import dataclass, field

GREEN = "synced"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One fault at one stage.

    `order` is what the sandbox is told; `outcome` how each day with readings ends; `at` the stage
    that fails; `tries` the tries of the failed call; `error` the word of the ledger where it says
    more than the outcome; `expired` makes the run start with a refresh; `state` is the link's state
    afterwards; `calls` what the vendor must have counted; `reasons` are counted on a day that stays
    green; `relink` tells that only the patient can mend it.
    """

    name: str
    order: dict | None = None
    outcome: str = GREEN
    at: str | None = None
    tries: int | None = None
    error: str | None = None
    status: int | None = None
    expired: bool = False
    state: str = "active"
    calls: dict = field(default_factory=dict)
    reasons: set = field(default_factory=set)
    relink: bool = False


def fetch(name, outcome, kind, *, tries=None, at="fetched", **more):
    """A fault of `getmeas`."""
    fields = {k: more.pop(k) for k in ("count", "status", "seconds") if k in more}
    order = {"target": "withings", "call": "getmeas", "kind": kind, **fields}
    if "said" in more:
        more["status"] = more.pop("said")
    return Row(
        name=f"getmeas: {name}",
        order=order,
        outcome=outcome,
        at=None if outcome == GREEN else at,
        tries=tries,
        **more,
    )


def refresh(name, outcome, kind, **more):
    """A fault of the refresh that an expired token asks for."""
    row = fetch(name, outcome, kind, **more)
    return Row(
        **{
            **vars(row),
            "name": f"refresh: {name}",
            "expired": True,
            "order": row.order | {"call": "refresh"},
        }
    )


def ehr(name, outcome, kind, method, *, tries=None, **more):
    """A fault of the EHR, when it is read or written."""
    fields = {k: more.pop(k) for k in ("count", "status", "seconds") if k in more}
    if "said" in more:
        more["status"] = more.pop("said")
    return Row(
        name=f"ehr {method}: {name}",
        order={"target": "ehr", "kind": kind, "method": method, **fields},
        outcome=outcome,
        at=None if outcome == GREEN else "published",
        tries=tries,
        **more,
    )


FETCH = [
    fetch("601, no wait named", "rate_limited", "status", status=601, tries=1, said=601),
    fetch("601, wait 1 s, once", GREEN, "status", status=601, seconds=1, count=1),
    fetch("601, wait 1 s, for ever", "rate_limited", "status", status=601, seconds=1, tries=3),
    fetch("601, wait 600 s", "rate_limited", "status", status=601, seconds=600, tries=1),
    fetch("429, no wait named", "rate_limited", "http", status=429, tries=1, said=429),
    fetch("429, wait 1 s, once", GREEN, "http", status=429, seconds=1, count=1),
    fetch("429, wait 600 s", "rate_limited", "http", status=429, seconds=600, tries=1),
    fetch("500, once", GREEN, "http", status=500, count=1),
    fetch("500, for ever", "vendor_down", "http", status=500, tries=3, said=500),
    fetch("503, for ever", "vendor_down", "http", status=503, tries=3, said=503),
    fetch("403", "vendor_rejected", "http", status=403, tries=1, said=403),
    fetch("time-out of its own (522)", "vendor_down", "status", status=522, tries=3, said=522),
    fetch("bad state (524)", "vendor_down", "status", status=524, tries=3, said=524),
    fetch("plan or scope (2555)", "vendor_rejected", "status", status=2555, tries=1, said=2555),
    fetch("not implemented (2554)", "vendor_rejected", "status", status=2554, tries=1, said=2554),
    fetch("our time-out, once", GREEN, "hang", seconds=5, count=1),
    fetch("our time-out, for ever", "vendor_down", "hang", seconds=5, tries=3),
    fetch("dropped before, once", GREEN, "drop", count=1),
    fetch("dropped before, for ever", "vendor_down", "drop", tries=3),
    fetch("dropped after, once", GREEN, "drop_after_commit", count=1),
    fetch("dropped after, for ever", "vendor_down", "drop_after_commit", tries=3),
    fetch("late", GREEN, "slow", seconds=0.4),
    fetch("body byte by byte", "vendor_down", "drip", seconds=0.2, tries=3),
    fetch("a page of HTML", "malformed", "garbage", tries=1),
    fetch("no JSON", "malformed", "malformed", tries=1),
    fetch("JSON cut in half", "malformed", "truncated", tries=1),
    fetch("JSON as text/html", "malformed", "wrong_type", tries=1),
    fetch("a list for an envelope", "malformed", "not_an_envelope", tries=1),
    fetch("a list for a body", "malformed", "list_body", tries=1),
    fetch("no groups in the body", "malformed", "missing_groups"),
    fetch("paging without end", "malformed", "paging_loop"),
    # One refresh on 401, once.
    fetch("401, once", GREEN, "unauthorized", count=1, calls={"refresh": 1, "getmeas": 2}),
    fetch(
        "401, for ever", "auth_lost", "unauthorized", tries=1, calls={"refresh": 1, "getmeas": 2}
    ),
    fetch("every row twice", GREEN, "duplicate_rows"),
    fetch("types that nobody knows", GREEN, "unknown_types", reasons={"unmapped_type_9999"}),
    fetch("a record that cannot be read", GREEN, "bad_record", reasons={"no_time"}),
    Row(
        name="getmeas: permission withdrawn",
        order={"target": "withings", "kind": "revoke"},
        outcome="auth_lost",
        at="fetched",
        state="needs_relink",
        # The first refusal and the second, which settles it.
        calls={"refresh": 2},
        relink=True,
    ),
]

REFRESH = [
    refresh("without a fault", GREEN, "slow", seconds=0, calls={"refresh": 1}),
    refresh("601, wait 1 s, once", GREEN, "status", status=601, seconds=1, count=1),
    refresh("601, no wait named", "rate_limited", "status", status=601, tries=1),
    refresh("601, wait 600 s", "rate_limited", "status", status=601, seconds=600, tries=1),
    refresh("429, wait 600 s", "rate_limited", "http", status=429, seconds=600, tries=1),
    refresh("500", "vendor_down", "http", status=500, tries=1, calls={"refresh": 1}),
    refresh("our time-out", "vendor_down", "hang", seconds=5, tries=1),
    refresh("dropped before", "vendor_down", "drop", tries=1),
    refresh("dropped after the new pair was made", "vendor_down", "drop_after_commit", tries=1),
    refresh("body byte by byte", "vendor_down", "drip", seconds=0.2, tries=1),
    refresh("a page of HTML", "malformed", "garbage"),
    refresh("no JSON", "malformed", "malformed"),
    refresh("JSON cut in half", "malformed", "truncated"),
    refresh("JSON as text/html", "malformed", "wrong_type"),
    refresh("a list for an envelope", "malformed", "not_an_envelope"),
    refresh("refused once", GREEN, "refuse_refresh", count=1, calls={"refresh": 2}),
    refresh(
        "refused twice",
        "auth_lost",
        "refuse_refresh",
        calls={"refresh": 2, "getmeas": 0},
        state="needs_relink",
        relink=True,
    ),
    refresh(
        "fewer scopes than before",
        "not_consented",
        "reduced_scope",
        error="scope_missing",
        calls={"getmeas": 0},
        relink=True,
    ),
]


def _both(method):
    return [
        ehr("429, wait 1 s, once", GREEN, "status", method, status=429, seconds=1, count=1),
        ehr("429, wait 600 s", "ehr_down", "status", method, status=429, seconds=600, tries=1),
        ehr("429, no wait named", "ehr_down", "status", method, status=429, tries=3, said=429),
        ehr("503, once", GREEN, "status", method, status=503, count=1),
        ehr("503, for ever", "ehr_down", "status", method, status=503, tries=3, said=503),
        ehr("500, for ever", "ehr_down", "status", method, status=500, tries=3, said=500),
        ehr("401", "ehr_rejected", "status", method, status=401, tries=1, said=401),
        ehr("403", "ehr_rejected", "status", method, status=403, tries=1, said=403),
        ehr("404", "ehr_rejected", "status", method, status=404, tries=1, said=404),
        ehr("our time-out, once", GREEN, "hang", method, seconds=5, count=1),
        ehr("our time-out, for ever", "ehr_down", "hang", method, seconds=5, tries=3),
        ehr("dropped before, once", GREEN, "drop", method, count=1),
        ehr("dropped before, for ever", "ehr_down", "drop", method, tries=3),
        ehr("dropped after, once", GREEN, "drop_after_commit", method, count=1),
        ehr("dropped after, for ever", "ehr_down", "drop_after_commit", method, tries=3),
        ehr("late", GREEN, "slow", method, seconds=0.4),
        ehr("body byte by byte", "ehr_down", "drip", method, seconds=0.2, tries=3),
        ehr("a page of HTML", "malformed", "garbage", method, tries=1),
        ehr("no JSON", "malformed", "malformed", method, tries=1),
        ehr("JSON cut in half", "malformed", "truncated", method, tries=1),
        ehr("JSON as text/html", "malformed", "wrong_type", method, tries=1),
    ]


EHR = [
    *_both("read"),
    *_both("write"),
    ehr("an outcome for a Bundle", "malformed", "not_a_bundle", "write"),
    ehr("an answer too few", "malformed", "missing_entries", "write"),
    ehr("an entry refused (422)", "ehr_rejected", "entry_status", "write", status=422, said=422),
    ehr("an entry's 503", "ehr_down", "entry_status", "write", status=503, said=503),
    ehr("another writer, once (409)", GREEN, "conflict", "write", status=409, count=1),
    ehr("another writer, once (412)", GREEN, "conflict", "write", status=412, count=1),
    ehr("another writer, for ever", "ehr_rejected", "conflict", "write", status=409, said=409),
    ehr("all or nothing, all valid", GREEN, "whole_bundle", "write"),
]

ROWS = [*FETCH, *REFRESH, *EHR]
