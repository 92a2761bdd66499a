"""What the EHR holds of ours that the vendor no longer lists: whether it may be retracted.

Belongs here: which are gone, and when they are too many at once. Not here: which surely are ours
(`standing.py`), retracting (`publish.py`), or asking the vendor again (`syncing/retracting.py`).
A wrong retraction takes a true reading out of a chart: in doubt nothing is retracted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ohx_pipelines.fhir.standing import Standing

# More than so many at once, or more than this share of a window of some size, are held.
MOST_AT_ONCE = 20
LARGE_WINDOW = 50
MOST_OF_A_LARGE_WINDOW = 10  # one in ten
# All of a window are held from this size on.
SMALLEST_WHOLE_WINDOW = 3
# Vendors list what is newest first: a listing that was cut lacks the oldest. So many records that
# are the oldest of all are that, rather than what somebody chose.
SMALLEST_CUT = 3


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is retracted now, and how many are held per day until somebody confirms it."""

    retract: tuple[Standing, ...] = ()
    held: Mapping[date, int] = field(default_factory=dict)


def gone(
    held: Iterable[Standing], *, desired: Collection[str], still_listed: Collection[str]
) -> list[Standing]:
    """Give those that the vendor no longer lists.

    `desired` are the ids of what its listing became, `still_listed` the records that it names
    although nothing became of them (held back, rejected, turned off): those are not deleted. A
    record's parts are named after it, behind a dot.
    """
    return [
        one
        for one in held
        if one.key not in desired and not {one.record, one.whole} & {*still_listed}
    ]


@dataclass
class Tally:
    """What stood and what was gone in the windows of one sync: a year goes in several."""

    stood: int = 0
    deleted: list[Standing] = field(default_factory=list)

    def plan(
        self,
        stands: Sequence[Standing],
        deleted: Sequence[Standing],
        *,
        confirmed: Mapping[date, int],
    ) -> Plan:
        """Decide which of the deleted are retracted, in view of what was gone before.

        When they are too many at once only those of days are, for which somebody `confirmed` as many.
        """
        self.stood += len(stands)
        self.deleted += deleted
        in_all = deleted and is_too_many(self.deleted, of=self.stood)
        if not (in_all or is_too_many(deleted, of=len(stands)) or _is_cut(stands, deleted)):
            return Plan(retract=tuple(deleted))
        by_day = Counter(one.day for one in deleted)
        held = {day: count for day, count in by_day.items() if count > confirmed.get(day, 0)}
        return Plan(retract=tuple(one for one in deleted if one.day not in held), held=held)


def _is_cut(stands: Sequence[Standing], deleted: Sequence[Standing]) -> bool:
    """Tell whether one of the vendor's listings was cut: each has an oldest of its own."""
    return any(
        is_cut([one for one in stands if one.listing == listing], of_listing)
        for listing, of_listing in _by_listing(deleted)
    )


def _by_listing(deleted: Sequence[Standing]) -> list[tuple[str, list[Standing]]]:
    names = {one.listing for one in deleted}
    return [(name, [one for one in deleted if one.listing == name]) for name in sorted(names)]


def is_too_many(deleted: Sequence[Standing], *, of: int) -> bool:
    """Tell whether so many are gone at once that a vendor's fault is likelier than a person's hand.

    `of` is how many stood there. One record of a vendor is what a person deletes with one hand: a
    weighing with its body composition is never too much by its number, unless nothing else stands.
    """
    count = len(deleted)
    if count == of:
        return count >= SMALLEST_WHOLE_WINDOW
    if len({one.whole for one in deleted}) <= 1:
        return False
    # The parts of a record, as the stages of a night, go together: they count once.
    at_once = len({one.whole if one.whole != one.record else one.key for one in deleted})
    is_large_share = of >= LARGE_WINDOW and at_once * MOST_OF_A_LARGE_WINDOW > of
    return at_once > MOST_AT_ONCE or is_large_share


def is_cut(stands: Sequence[Standing], deleted: Sequence[Standing]) -> bool:
    """Tell whether most of the records that are gone, and several, are older than all that is left."""
    gone_keys = {one.key for one in deleted}
    left = [one.began for one in stands if one.key not in gone_keys]
    records = {one.whole for one in deleted}
    older = {one.whole for one in deleted if left and one.began < min(left)}
    return len(older) >= max(SMALLEST_CUT, len(records) / 2)
