"""What is done about each answer of an EHR: one table for requests, Bundles and their entries.

Belongs here: status (and what had been sent) -> reaction, and the exception that stands for it.
Not here: doing it (`client.py`, `publish.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from ohx_pipelines.errors import (
    ClientIdsRefused,
    CredentialsRefused,
    EhrConflict,
    EhrDown,
    EhrError,
    EhrRejected,
    Issue,
    RightsMissing,
)
from ohx_pipelines.fhir.answers.refusal_reasons import CLIENT_ID, REFERENCE


class Sent(Enum):
    """What an answer is about."""

    REQUEST = "a read, a search or a single write"
    BUNDLE = "a Bundle as a whole"
    CLIENT_ID = "an entry: PUT with an id of ours that may not exist yet"
    KNOWN_ID = "an entry: PUT over what exists, perhaps with ifMatch"
    CONDITION = "an entry: conditional create or update"


class Reaction(Enum):
    """What to do."""

    DONE = "it is written"
    UNCHANGED = "it was there already"
    REJECT = "report this resource, never send it again as it is"
    PUBLISH_REFERENCED = "write what it refers to, then send it once more"
    ISOLATE = "find the entry that is refused and send the others again"
    HALVE = "send less at once"
    READ_AGAIN = "read what is there now, decide again, with jitter, three times at most"
    QUARANTINE = "several resources match: report, a person must clear it up"
    WAIT = "back off with jitter, honour Retry-After"
    RENEW = "renew the token once, then stop"
    RIGHTS = "stop: a scope or permission is missing"
    NO_CLIENT_IDS = "stop: the server lets no client choose ids"
    STOP = "stop: not an answer to go on with"


PASSING = frozenset({408, 425, 429, *range(500, 600)})
ENTRIES = frozenset({Sent.CLIENT_ID, Sent.KNOWN_ID, Sent.CONDITION})
_ANY = frozenset(Sent)
# Where the issue can say more than the status.
_ABOUT_A_RESOURCE = frozenset({Reaction.REJECT, Reaction.NO_CLIENT_IDS, Reaction.READ_AGAIN})

# The first row that fits decides. A 200 for a batch says nothing of its entries.
TABLE: tuple[tuple[frozenset[int], frozenset[Sent], Reaction], ...] = (
    (frozenset({200, 201, 204}), _ANY, Reaction.DONE),
    (frozenset({304}), _ANY, Reaction.UNCHANGED),
    (frozenset({401}), _ANY, Reaction.RENEW),
    (frozenset({403}), _ANY, Reaction.RIGHTS),
    (frozenset({404, 405}), frozenset({Sent.CLIENT_ID}), Reaction.NO_CLIENT_IDS),
    # It was there when it was read, and is deleted now.
    (frozenset({404}), frozenset({Sent.KNOWN_ID}), Reaction.READ_AGAIN),
    # 410: deleted by somebody. This product does not resurrect, it reports.
    (frozenset({400, 404, 405, 410, 413, 422}), ENTRIES, Reaction.REJECT),
    (frozenset({413}), frozenset({Sent.BUNDLE}), Reaction.HALVE),
    (frozenset({400, 422}), frozenset({Sent.BUNDLE}), Reaction.ISOLATE),
    # 412 of a condition: more than one match. Else, as HAPI's 409, a stale If-Match.
    (frozenset({412}), frozenset({Sent.CONDITION}), Reaction.QUARANTINE),
    (frozenset({409, 412}), _ANY, Reaction.READ_AGAIN),
    (PASSING, _ANY, Reaction.WAIT),
)


def reaction(status: int, sent: Sent, issue: Issue | None = None) -> Reaction:
    """Give what to do about an answer; `issue` is the one that says most of an entry's refusal."""
    found = next(
        (what for statuses, about, what in TABLE if status in statuses and sent in about),
        Reaction.STOP,
    )
    if issue is None or found not in _ABOUT_A_RESOURCE:
        return found
    if issue.reason == REFERENCE:
        return Reaction.PUBLISH_REFERENCED
    if issue.reason == CLIENT_ID and sent is Sent.CLIENT_ID:
        return Reaction.NO_CLIENT_IDS
    return found


def failure(
    status: int,
    *,
    sent: Sent = Sent.REQUEST,
    retry_after_seconds: float | None = None,
    issues: Sequence[Issue] = (),
) -> EhrError:
    """Give the exception for a status that ends a call."""
    error = _failure(reaction(status, sent), status, retry_after_seconds)
    error.issues = tuple(issues)
    return error


def no_client_ids(status: int) -> EhrError:
    """Give the exception for a server that refuses ids of ours."""
    message = "the EHR lets no client choose ids: `ohx ehr check` finds the write mode for it"
    return ClientIdsRefused(message, status=status)


def _failure(what: Reaction, status: int, retry_after_seconds: float | None) -> EhrError:
    if what in {Reaction.READ_AGAIN, Reaction.QUARANTINE}:
        return EhrConflict("another writer was at the EHR first", status=status)
    if what is Reaction.WAIT:
        return EhrDown(
            "the EHR has trouble", status=status, retry_after_seconds=retry_after_seconds
        )
    if what is Reaction.RENEW:
        return CredentialsRefused("the EHR does not accept our credentials", status=status)
    if what is Reaction.RIGHTS:
        return RightsMissing("the EHR does not grant us what was asked", status=status)
    if what is Reaction.NO_CLIENT_IDS:
        return no_client_ids(status)
    return EhrRejected("the EHR refuses the request", status=status)
