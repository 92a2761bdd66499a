"""Withings' wire values: attribution of a taking, status codes of an answer.

Belongs here: tables of the vendor's numbers. Not here: measure types (`measure_types.py`), models
(`device_models.py`), or what is done with any.
Source of all numbers: the vendor's API reference (developer.withings.com/api-reference).
"""

from __future__ import annotations

from enum import Enum

from ohx_pipelines.measurements import RecordingMethod

# `attrib` of a group: how sure the vendor is whose reading it is. What is not listed here
# (17 is seen on the wire and documented nowhere) is held back under its number.
ATTRIBUTION = {
    0: RecordingMethod.DEVICE,  # the device, surely this user
    2: RecordingMethod.MANUAL,  # typed in
    4: RecordingMethod.MANUAL,  # typed in when the account was made
    5: RecordingMethod.DEVICE,  # best of an automatic series of blood pressures
    7: RecordingMethod.DEVICE,  # confirmed by the user
    8: RecordingMethod.DEVICE,  # same as 0
    15: RecordingMethod.DEVICE,  # taken under guided conditions
}
AMBIGUOUS = 1


class Reaction(Enum):
    """What a status of the vendor's envelope asks of the caller."""

    DONE = "done"
    RENEW_TOKEN = "renew_token"  # noqa: S105 (no password: the name of a reaction)
    WAIT = "wait"
    TRY_AGAIN = "try_again"
    GIVE_UP = "give_up"


def _span(first: int, last: int) -> set[int]:
    return set(range(first, last + 1))


TOO_MANY_REQUESTS = 601
_UNAUTHENTICATED = {100, 101, 102, 200, 401}
# The vendor's own trouble; everything that is in no set here is a wrong request of ours.
_TROUBLE = (
    {
        215,
        219,
        222,
        224,
        226,
        237,
        253,
        289,
        291,
        292,
        296,
        298,
        322,
        383,
        391,
        402,
        522,
    }
    | {524, 533, 602, 700, 2551, 2552, 6000, 6010, 6011, 9000, 10000}
    | _span(231, 233)
    | _span(255, 259)
    | _span(268, 270)
    | {273, 274}
    | _span(278, 282)
    | _span(305, 320)
    | _span(370, 375)
    | _span(516, 521)
    | _span(525, 531)
    | _span(1051, 1054)
    | _span(2556, 2559)
    | _span(3000, 3016)
    | _span(3020, 3024)
    | _span(5000, 5006)
)


def reaction(status: int) -> Reaction:
    """Say what to do about the `status` of an answer (fact: HTTP is 200 even for errors)."""
    if status == 0:
        return Reaction.DONE
    if status in _UNAUTHENTICATED:
        return Reaction.RENEW_TOKEN
    if status == TOO_MANY_REQUESTS:
        return Reaction.WAIT
    return Reaction.TRY_AGAIN if status in _TROUBLE else Reaction.GIVE_UP
