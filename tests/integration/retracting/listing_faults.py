"""The table of listings that prove no deletion: what goes wrong with `getmeas`, and how days end.

Belongs here: rows. Not here: running them (`test_never_retract_wrongly.py`), or other faults of the
road (`fault_table.py`). Outcomes are the promises of design section 3, written down before they were run.
"""

from typing import NamedTuple

# Where a fault strikes: all of the listing, what comes after its first page, or the second listing
# by which a deletion is believed.
WHOLE, FURTHER, SECOND = "from its start", "after its first page", "when it is asked again"
PLACES = (WHOLE, FURTHER, SECOND)


class BrokenOff(NamedTuple):
    """A fault that ends a listing, and the outcome of the days that it strikes."""

    order: dict
    outcome: str
    places: tuple = PLACES


def _fault(kind, outcome, **more):
    places = more.pop("places", PLACES)
    return BrokenOff(
        {"target": "withings", "call": "getmeas", "kind": kind, **more}, outcome, places
    )


BROKEN_OFF = {
    "601, no wait named": _fault("status", "rate_limited", status=601),
    "429, wait 600 s": _fault("http", "rate_limited", status=429, seconds=600),
    "500": _fault("http", "vendor_down", status=500),
    "403": _fault("http", "vendor_rejected", status=403),
    "a time-out of its own (522)": _fault("status", "vendor_down", status=522),
    "plan or scope (2555)": _fault("status", "vendor_rejected", status=2555),
    "a token that is refused": _fault("unauthorized", "auth_lost"),
    "dropped before": _fault("drop", "vendor_down"),
    "dropped after": _fault("drop_after_commit", "vendor_down"),
    # Three times a second each.
    "our time-out": _fault("hang", "vendor_down", seconds=5, places=(FURTHER,)),
    "a body byte by byte": _fault("drip", "vendor_down", seconds=0.2, places=(SECOND,)),
    "a page of HTML": _fault("garbage", "malformed"),
    "no JSON": _fault("malformed", "malformed"),
    "JSON cut in half": _fault("truncated", "malformed"),
    "JSON as text/html": _fault("wrong_type", "malformed"),
    "a list for an envelope": _fault("not_an_envelope", "malformed"),
    "a list for a body": _fault("list_body", "malformed"),
    "no groups in the body": _fault("missing_groups", "malformed"),
    "paging without end": _fault("paging_loop", "malformed"),
}


class Odd(NamedTuple):
    """A listing that is valid and wrong; `once` lets the second one be right."""

    kind: str
    page: str | None = None
    once: bool = False

    @property
    def order(self):
        page = {"page": self.page} if self.page else {}
        count = {"count": 1} if self.once else {}
        return {"target": "withings", "kind": self.kind, **page, **count}


ODD_ONCE = {
    "cut in the middle of its first page": Odd("cut_page", "first", once=True),
    "cut in the middle of a further page": Odd("cut_page", "further", once=True),
    "without a row of its first page": Odd("skipped_row", "first", once=True),
    "without a row of a further page": Odd("skipped_row", "further", once=True),
}
CUT_AGAIN = {
    "cut in the middle of its first page": Odd("cut_page", "first"),
    "cut in the middle of a further page": Odd("cut_page", "further"),
    "cut in the middle of every page": Odd("cut_page"),
}
# What comes to a listing takes nothing away from what it proves.
MORE_THAN_THERE_IS = {
    "every row twice": Odd("duplicate_rows"),
    "types that nobody knows": Odd("unknown_types"),
}
