"""Files in short: what the tests of the files' room share."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ohx_pipelines.measurements import Metric, RecordingMethod
from ohx_pipelines.providers.files.base import DEFAULT_BOUNDS, AboutFile, Choices
from ohx_pipelines.providers.files.findings import Findings
from ohx_pipelines.providers.files.stopwatch import Stopwatch
from ohx_pipelines.providers.files.tables import read_rows
from ohx_pipelines.providers.files.text import read_text

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(written):
    """Give a local time without a zone, as a file writes it."""
    return datetime.fromisoformat(written)


def rows_of(content, bounds=DEFAULT_BOUNDS, **more):
    data = content if isinstance(content, bytes) else content.encode()
    return read_rows(read_text(data, bounds=bounds), clock=Stopwatch(bounds), **more)


def cells_of(content, **more):
    return [row.cells for row in rows_of(content, **more).rows]


def findings(zone=BERLIN, now=NOW):
    return Findings(choices=Choices(zone=zone, now=now))


MOMENT = at("2026-03-14 07:52")


def take(into, values, moment=MOMENT, kind="weight", row=5, **more):
    method = more.pop("method", RecordingMethod.MANUAL)
    into.take(kind=kind, row=row, moment=moment, values=values, method=method, **more)


def parsed(into, cut=None, birth_date=None):
    about = AboutFile(
        format="test",
        language=None,
        encoding="utf-8",
        separator=";",
        decimal_mark=None,
        date_order=None,
        cut=cut,
        birth_date=birth_date,
    )
    return into.parsed(about)


def weight(value, unit="kg"):
    return {Metric.BODY_WEIGHT: (Decimal(value), unit)}
