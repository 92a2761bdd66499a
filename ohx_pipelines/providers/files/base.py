"""What every file's room offers: the FileProvider protocol and the plain data that crosses it.

Belongs here: what is stated about a file, what it says, why it is refused. Not here: how a file is
read (the other modules of this room), or anything that only one app's files have.
Nothing of a file's content is in an error, a reason or a `repr`: a cell's text never leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

import pandas as pd

from ohx_pipelines.errors import OhxError
from ohx_pipelines.providers.declared import ProviderFacts
from ohx_pipelines.providers.exchanged import DeviceInfo, Unpublished
from ohx_pipelines.providers.files.wall_clock import REPEATED_HOUR, SKIPPED_HOUR

# The words of rows that were taken, by a rule of ours.
BY_RULE = frozenset({REPEATED_HOUR, SKIPPED_HOUR})


class DateOrder(StrEnum):
    """Which number of `03/04/2026` is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person states because the file does not: its zone and, where needed, the date order.

    `now` bounds dates: a reading cannot lie in the future.
    """

    zone: ZoneInfo
    date_order: DateOrder | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How much of a file is read: bytes in all and in one line, rows, seconds of parsing."""

    most_bytes: int = 10 * 1024 * 1024
    most_line_bytes: int = 64 * 1024
    most_rows: int = 200_000
    most_seconds: float = 60.0


DEFAULT_BOUNDS = Bounds()


class Refusal(StrEnum):
    """Why nothing can be read from a file."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_SLOW = "too_slow"
    LINE_TOO_LONG = "line_too_long"
    # An archive, a spreadsheet, a PDF, a picture: by its first bytes.
    WRONG_TYPE = "wrong_type"
    # NUL or control characters.
    NOT_TEXT = "not_text"
    # Bytes that are no text in any encoding which the file's other bytes allow.
    MIXED_ENCODINGS = "mixed_encodings"
    # Text, but none of this app's.
    UNKNOWN_FORMAT = "unknown_format"
    NO_READINGS = "no_readings"
    SEVERAL_USERS = "several_users"
    MIXED_DECIMALS = "mixed_decimals"
    MIXED_DATES = "mixed_dates"
    # Day and month cannot be told apart, and nobody stated the order.
    AMBIGUOUS_DATES = "ambiguous_dates"
    # The stated order is not the file's.
    OTHER_DATE_ORDER = "other_date_order"


class FileRefused(OhxError):
    """Nothing can be read from the file; `reason` says why, `row` near which line (from 1), if any."""

    code = "file_refused"

    def __init__(self, reason: Refusal, *, row: int | None = None) -> None:
        super().__init__(f"the file cannot be read: {reason.value}")
        self.reason = reason
        self.row = row
        self.detail = reason.value

    def __reduce__(self) -> tuple[partial[FileRefused], tuple[Refusal]]:
        """Cross to another process whole; an exception's own way gives its text for the reason."""
        return partial(type(self), row=self.row), (self.reason,)


class Cut(StrEnum):
    """Why a file was not read whole although some of it could be."""

    # It ends inside a quoted cell or a row.
    ENDS_INSIDE = "ends_inside"
    # It says how many readings it has, and holds others.
    COUNT_DIFFERS = "count_differs"
    # A section whose title or header nobody knows.
    UNKNOWN_SECTION = "unknown_section"


@dataclass(frozen=True, kw_only=True)
class RowNote:
    """Something about one row: its line in the file (from 1), a word for what, the metric if one.

    Never a cell's text.
    """

    row: int
    word: str
    metric: str | None = None


@dataclass(frozen=True, kw_only=True)
class AboutFile:
    """What was decided about a file as a whole; None where nothing hung on it.

    `format` names the app and variant. `cut` says why it was not read whole. `birth_date` is the
    owner's, where the file says it.
    """

    format: str
    language: str | None
    encoding: str
    separator: str
    decimal_mark: str | None
    date_order: DateOrder | None
    cut: Cut | None = None
    birth_date: date | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class ParsedFile(AboutFile):
    """A file in the common vocabulary; of its owner only what tells whose it is, in memory.

    `frame` is the tidy frame. `rows` counts rows of readings. `rejected` are rows (or values) that could not be read,
    `taken_as` those that were, by a rule of ours (a repeated hour); `more_notes` counts, by their
    words, those of both that are not listed for being too many. `unpublished` are the rejected ones
    whose day is known; `ignored` counts by day what nobody misses.
    """

    frame: pd.DataFrame = field(repr=False)
    rows: int
    rejected: Sequence[RowNote] = ()
    taken_as: Sequence[RowNote] = ()
    more_notes: Mapping[str, int] = field(default_factory=dict)
    # Their records name minutes.
    unpublished: Sequence[Unpublished] = field(default=(), repr=False)
    ignored: Mapping[date, Mapping[str, int]] = field(default_factory=dict, repr=False)
    devices: Mapping[str, DeviceInfo] = field(default_factory=dict, repr=False)

    @property
    def more_rejected(self) -> int:
        """How many were rejected besides those that are listed."""
        return sum(n for word, n in self.more_notes.items() if word not in BY_RULE)

    @property
    def more_taken_as(self) -> int:
        """How many were taken by a rule besides those that are listed."""
        return sum(n for word, n in self.more_notes.items() if word in BY_RULE)

    @property
    def is_whole(self) -> bool:
        """Whether all that the file says was read."""
        return self.cut is None and not self.rejected

    @property
    def days(self) -> list[date]:
        """The local days that the file tells of, in order."""
        told = {*self.frame["day"], *(one.day for one in self.unpublished), *self.ignored}
        return sorted(told)


class FileProvider(Protocol):
    """One app's exports."""

    @property
    def facts(self) -> ProviderFacts:
        """What its files hold; it has no scopes, no limits and no notifications."""
        ...

    def recognizes(self, content: bytes) -> bool:
        """Tell, from its beginning alone, whether a file may be this app's; raises nothing."""
        ...

    def parse(
        self, content: bytes, choices: Choices, *, bounds: Bounds = DEFAULT_BOUNDS
    ) -> ParsedFile:
        """Read a file; one bad row costs only itself. Raises FileRefused and nothing else."""
        ...
