"""What a room finds in a file: rows taken, rejected and ignored, and what is made of them at the end.

Belongs here: the rules that are the same for every app: dates that can be, plausible values, pairs
that fall together. Not here: what a cell means (an app's room), or copies and the frame (`takings.py`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ohx_pipelines.measurements import Metric, RecordingMethod
from ohx_pipelines.providers.exchanged import DeviceInfo, Unpublished
from ohx_pipelines.providers.files.base import (
    AboutFile,
    Choices,
    FileRefused,
    ParsedFile,
    Refusal,
    RowNote,
)
from ohx_pipelines.providers.files.takings import Stood, Taking, Value, frame_of, record_of, stand
from ohx_pipelines.providers.files.wall_clock import Placed, place, place_end
from ohx_pipelines.providers.plausible import is_plausible

# No app of these was there before.
EARLIEST_YEAR = 2000
# A phone's clock, or its zone, may be ahead of ours.
AHEAD = timedelta(days=1)
# Nobody goes through more; the rest is counted. A file of ten megabytes has two million cells.
MOST_NOTES = 1000
MOST_UNPUBLISHED = 20_000
COPY = "copy"
_PAIR = frozenset({Metric.SYSTOLIC_BLOOD_PRESSURE, Metric.DIASTOLIC_BLOOD_PRESSURE})
_PRESSURES = _PAIR | {Metric.MEAN_BLOOD_PRESSURE}
_Values = dict[Metric, tuple[Value, str | None]]


@dataclass(kw_only=True)
class Findings:
    """What is found of one file. Moments are local times as the file writes them, without a zone."""

    choices: Choices
    _takings: list[Taking] = field(default_factory=list, init=False, repr=False)
    _rejected: list[RowNote] = field(default_factory=list, init=False, repr=False)
    _taken_as: list[RowNote] = field(default_factory=list, init=False, repr=False)
    _more_notes: Counter[str] = field(default_factory=Counter, init=False, repr=False)
    _unpublished: list[Unpublished] = field(default_factory=list, init=False, repr=False)
    _ignored: dict[date, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter), init=False, repr=False
    )
    _devices: dict[str, DeviceInfo] = field(default_factory=dict, init=False, repr=False)
    _rows: set[int] = field(default_factory=set, init=False, repr=False)
    # Two million values are some thousand different ones, and nearly all rows say the same metrics in
    # the same units: each is kept once.
    _values: dict[str, Decimal] = field(default_factory=dict, init=False, repr=False)
    _columns: dict[tuple[Any, ...], tuple[Any, ...]] = field(
        default_factory=dict, init=False, repr=False
    )
    _last_placed: tuple[datetime, Placed] | None = field(default=None, init=False, repr=False)
    _latest: datetime = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Know until when a reading can be, in UTC."""
        self._latest = self.choices.now.astimezone(UTC).replace(tzinfo=None) + AHEAD

    def reject(
        self,
        row: int,
        word: str,
        *,
        metric: Metric | None = None,
        kind: str | None = None,
        moment: datetime | None = None,
    ) -> None:
        """Note a row, or one value of it, that cannot be read; with a moment it is its day's too."""
        self._rows.add(row)
        name = metric.value if metric else None
        self._keep(self._rejected, RowNote(row=row, word=word, metric=name))
        day = self._day(moment)
        if moment is None or day is None:
            return
        if len(self._unpublished) >= MOST_UNPUBLISHED:
            self._ignored[day][word] += 1
            return
        record = record_of(kind or "row", moment)
        self._unpublished.append(
            Unpublished(
                metric=metric,
                record=record,
                group=record,
                occurrence=0,
                day=day,
                reason=word,
                held_back=False,
            )
        )

    def ignore(self, moment: datetime, word: str, count: int = 1) -> None:
        """Count on its day what nobody misses."""
        day = self._day(moment)
        if day is not None and count:
            self._ignored[day][word] += count

    def take(  # noqa: PLR0913 (all that a row says)
        self,
        *,
        kind: str,
        row: int,
        moment: datetime,
        values: Mapping[Metric, tuple[Value, str | None]],
        method: RecordingMethod,
        device: DeviceInfo | None = None,
        end: datetime | None = None,
        zone: ZoneInfo | None = None,
    ) -> None:
        """Take a row's values, but for those that cannot be; zero says that nothing was measured.

        An end before its moment is on the next day. `zone` is the row's own, where it names one.
        """
        self._rows.add(row)
        word = self._impossible(moment)
        if word:
            self.reject(row, word, kind=kind)
            return
        zone = zone or self.choices.zone
        start = place(moment, zone)
        plausible = self._plausible(values, kind=kind, row=row, moment=moment)
        if not plausible:
            return
        until = place_end(end, moment, start, zone) if end is not None else None
        self._note(row, start, until)
        if device is not None:
            self._devices.setdefault(device.device, device)
        self._add(
            plausible,
            Taking(
                record=record_of(kind, moment),
                metrics=(),
                values=(),
                units=(),
                start=start,
                end=until,
                method=method,
                device=device.device if device else None,
            ),
        )

    def parsed(self, about: AboutFile) -> ParsedFile:
        """Give the file in the common vocabulary; raises FileRefused when nothing was found in it."""
        if not self._takings and not self._rejected:
            raise FileRefused(Refusal.NO_READINGS)
        stood = [*stand(self._takings, copy=self._count_copy)]
        return ParsedFile(
            frame=frame_of(stood),
            rows=len(self._rows),
            rejected=sorted(self._rejected, key=lambda one: one.row),
            taken_as=sorted(self._taken_as, key=lambda one: one.row),
            more_notes=dict(self._more_notes),
            unpublished=self._unpublished,
            ignored={day: dict(words) for day, words in self._ignored.items()},
            devices=self._devices_of(stood),
            **vars(about),
        )

    def _impossible(self, moment: datetime) -> str | None:
        if moment.year < EARLIEST_YEAR:
            return "date_too_early"
        # Two days off, it is so in every zone; at the calendar's end there may be no instant to ask.
        ahead = moment - self._latest
        if abs(ahead) <= 2 * AHEAD:
            ahead = place(moment, self.choices.zone).instant - self._latest.replace(tzinfo=UTC)
        if ahead > timedelta():
            return "date_in_the_future"
        return None

    def _day(self, moment: datetime | None) -> date | None:
        """Give the local day, None for one that no reading can be of."""
        if moment is None:
            return None
        if self._last_placed is None or self._last_placed[0] != moment:
            if self._impossible(moment):
                return None
            self._last_placed = moment, place(moment, self.choices.zone)
        return self._last_placed[1].day

    def _plausible(
        self,
        values: Mapping[Metric, tuple[Value, str | None]],
        *,
        kind: str,
        row: int,
        moment: datetime,
    ) -> _Values:
        """Leave out what was not measured, what cannot be, and half a blood pressure."""
        found: _Values = {}
        for metric, (value, unit) in values.items():
            if isinstance(value, bool) or (value and is_plausible(metric, value, unit)):
                found[metric] = (value, unit)
            elif value:
                self.reject(row, "implausible", metric=metric, kind=kind, moment=moment)
        if not found.keys() >= _PAIR:
            for metric in sorted(_PRESSURES & found.keys()):
                del found[metric]
                self.reject(row, "pair_incomplete", metric=metric, kind=kind, moment=moment)
        return found

    def _note(self, row: int, *placed: Placed | None) -> None:
        words = {one.word for one in placed if one is not None and one.word is not None}
        for word in sorted(words):
            self._keep(self._taken_as, RowNote(row=row, word=word))

    def _keep(self, notes: list[RowNote], note: RowNote) -> None:
        if len(notes) < MOST_NOTES:
            notes.append(note)
        else:
            self._more_notes[note.word] += 1

    def _add(self, values: _Values, bare: Taking) -> None:
        ordered = tuple(sorted(values))
        metrics = self._columns.setdefault(ordered, ordered)
        told = tuple(self._once(values[metric][0]) for metric in metrics)
        units = tuple(values[metric][1] for metric in metrics)
        units = self._columns.setdefault(units, units)
        self._takings.append(replace(bare, metrics=metrics, values=told, units=units))

    def _once(self, value: Value) -> Value:
        # By its digits: 70.0 and 70.00 are equal.
        return value if isinstance(value, bool) else self._values.setdefault(str(value), value)

    def _count_copy(self, copy: Taking) -> None:
        self._ignored[copy.start.day][COPY] += 1

    def _devices_of(self, stood: list[Stood]) -> dict[str, DeviceInfo]:
        named = {one.taking.device for one in stood}
        return {name: one for name, one in self._devices.items() if name in named}
