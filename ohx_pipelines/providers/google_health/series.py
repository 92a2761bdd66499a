"""Google's samples through a day: one series per metric and civil day.

Belongs here: samples that come by the thousand. Not here: those that are readings of their own
(`samples.py`), or what the vendor makes of a day (`daily.py`, `totals.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from ohx_pipelines.local_day import offset_minutes
from ohx_pipelines.measurements import Metric, Series
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.google_health.listed_points import ABOUT, leave_out_unclear
from ohx_pipelines.providers.google_health.listings import Listing
from ohx_pipelines.providers.google_health.points import (
    SAMPLE_TIME,
    Moment,
    Row,
    double,
    int64,
    object_of,
    rows_of,
    sample_moment,
)
from ohx_pipelines.providers.google_health.readings import (
    Field,
    Reading,
    Taking,
    taking_of_day,
)
from ohx_pipelines.providers.google_health.sources import Source

_RMSSD = Metric.HEART_RATE_VARIABILITY_RMSSD_SERIES
_SDNN = Metric.HEART_RATE_VARIABILITY_SDNN_SERIES
FIELDS: Mapping[str, Mapping[str, Field]] = {
    "heart_rate": {
        "beatsPerMinute": Field(Metric.HEART_RATE_SERIES, "/min", int64, living=True),
    },
    "heart_rate_variability": {
        "rootMeanSquareOfSuccessiveDifferencesMilliseconds": Field(
            _RMSSD, "ms", double, living=True
        ),
        "standardDeviationMilliseconds": Field(_SDNN, "ms", double, living=True),
    },
    "oxygen_saturation": {
        "percentage": Field(Metric.OXYGEN_SATURATION_SERIES, "%", double, living=True),
    },
}
A_MILLISECOND = timedelta(milliseconds=1)


@dataclass(kw_only=True)
class _Samples:
    """The samples of one civil day, as they are read; of several of one instant the first counts."""

    taking: Taking
    found: dict[Field, dict[datetime, Decimal]] = field(default_factory=dict, repr=False)
    unreadable: set[Metric] = field(default_factory=set)
    beside: dict[str, object] = field(default_factory=dict, repr=False)

    def take(self, known: Field, at: datetime, given: object) -> None:
        """Take a sample; one that is no reading is counted by why."""
        if known.metric not in self.taking.reading.into.asked:
            self.taking.ignore("not_asked_for")
            return
        value = Decimal() if given is None else known.read(given)
        if value is None or value < 0:
            self.unreadable.add(known.metric)
        elif not value:
            self.taking.keep("no_value")
        elif at in self.found.setdefault(known, {}):
            self.taking.ignore("copy")
        else:
            self.found[known][at] = value

    def finish(self) -> None:
        """Hand the series over; what cannot be read and what is not carried is said once."""
        self.taking.count_unmapped(self.beside, known=())
        for metric in sorted(self.unreadable):
            self.taking.refuse(metric)
        for known, taken in self.found.items():
            instants = sorted(taken)
            taking = self._widened(instants[0], instants[-1])
            offsets = (Decimal((at - taking.start.at) // A_MILLISECOND) for at in instants)
            samples = tuple(taken[at] for at in instants)
            taking.add(known.metric, Series(samples=samples, offsets_ms=tuple(offsets)), known.unit)

    def _widened(self, first: datetime, last: datetime) -> Taking:
        """Give the day's taking, up to samples of its civil day that a traveller took outside it."""
        taking, zone = self.taking, self.taking.reading.zone
        start, end = taking.start, taking.end or taking.start
        if first < start.at:
            start = Moment(at=first, offset=offset_minutes(first, zone))
        if last > end.at:
            end = Moment(at=last, offset=offset_minutes(last, zone))
        return replace(taking, start=start, end=end)


def read_series(pages: Sequence[Page], listing: Listing, reading: Reading) -> bool:
    """Read samples into series of days; tells whether every row was told from the others.

    Raises Malformed when an answer has no list of them.
    """
    is_clear = True
    days: dict[date, _Samples] = {}
    for position, row in enumerate(rows_of(pages, listing)):
        value = object_of(row, listing.member)
        at = sample_moment(value, reading.zone) if value is not None else None
        if at is None or value is None or not isinstance(row, dict):
            # An instant is all that tells one from another: an id says nothing.
            leave_out_unclear(row, listing, reading, at=position)
            is_clear = False
        elif reading.is_inside(at.day):
            if at.day not in days:
                taking = taking_of_day(at.day, listing, reading, Source())
                days[at.day] = _Samples(taking=taking)
            _sample(row, value, at.at, listing, days[at.day])
    for samples in days.values():
        samples.finish()
    return is_clear


def _sample(row: Row, value: Row, at: datetime, listing: Listing, samples: _Samples) -> None:
    fields = FIELDS[listing.name]
    for name, known in fields.items():
        samples.take(known, at, value.get(name))
    for told, known_names in ((value, {SAMPLE_TIME, *fields}), (row, {*ABOUT, listing.member})):
        samples.beside |= {name: told[name] for name in told.keys() - known_names if told[name]}
