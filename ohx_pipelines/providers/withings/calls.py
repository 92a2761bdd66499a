"""Withings' data calls as data: path, fields and the list that an answer holds.

Belongs here: parameters of each call, by the vendor's API reference. Not here: sending
(`client.py`), which are made and when (`fetching.py`), or what rows mean (a reader per listing).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

REAL_MEASURES = 1
# Of a longer window the vendor answers the first part, without a word.
LONGEST_CALL = timedelta(hours=24)
# Each call's scope, by path and action. Withings' text asks user.activity for sleep.
SCOPES = {
    ("/measure", "getmeas"): "user.metrics",
    ("/v2/measure", "getactivity"): "user.activity",
    ("/v2/measure", "getintradayactivity"): "user.activity",
    ("/v2/measure", "getworkouts"): "user.activity",
    ("/v2/sleep", "get"): "user.activity",
    ("/v2/sleep", "getsummary"): "user.activity",
    ("/v2/heart", "list"): "user.metrics",
    ("/v2/heart", "get"): "user.metrics",
    ("/v2/user", "getdevice"): "user.info",
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call: `rows` names the list that its answers hold, None where they hold none.

    A `paged` one may go on with an offset.
    """

    path: str
    fields: Mapping[str, str]
    rows: str | None = None
    paged: bool = False

    @property
    def scope(self) -> str | None:
        """What the account must have granted for it."""
        return SCOPES.get((self.path, self.fields["action"]))


def measures(start: datetime, end: datetime, types: Sequence[int]) -> Call:
    """`getmeas` for start <= date < end: of the types named, real measures only.

    Without types it would list every type: `types` must not be empty.
    """
    fields = {
        "action": "getmeas",
        "meastypes": ",".join(str(code) for code in types),
        "category": str(REAL_MEASURES),
    }
    return Call(
        path="/measure", fields=fields | _between(start, end), rows="measuregrps", paged=True
    )


def activity(first: date, last: date, names: Iterable[str]) -> Call:
    """`getactivity`: a row per day and source."""
    fields = _action("getactivity", names) | _days(first, last)
    return Call(path="/v2/measure", fields=fields, rows="activities", paged=True)


def workouts(first: date, last: date, names: Iterable[str]) -> Call:
    """`getworkouts`, by the date that the vendor gives each."""
    fields = _action("getworkouts", names) | _days(first, last)
    return Call(path="/v2/measure", fields=fields, rows="series", paged=True)


def sleep(first: date, last: date, names: Iterable[str]) -> Call:
    """Sleep's `getsummary`, by the local date of waking up."""
    fields = _action("getsummary", names) | _days(first, last)
    return Call(path="/v2/sleep", fields=fields, rows="series", paged=True)


def ecgs(start: datetime, end: datetime) -> Call:
    """Ask the heart's `list`: ECGs of start <= timestamp < end, without their signals."""
    fields = {"action": "list"} | _between(start, end)
    return Call(path="/v2/heart", fields=fields, rows="series", paged=True)


def signal(number: str) -> Call:
    """Ask the heart's `get`: one ECG's signal."""
    return Call(path="/v2/heart", fields={"action": "get", "signalid": number}, rows="signal")


def intraday(start: datetime, end: datetime, names: Iterable[str]) -> Call:
    """`getintradayactivity` for start <= time < end, at most 24 hours: more is cut by the vendor."""
    fields = _action("getintradayactivity", names) | _between(start, end)
    return Call(path="/v2/measure", fields=fields)


def stages(start: datetime, end: datetime, names: Iterable[str]) -> Call:
    """Sleep's `get` for start <= time < end, at most 24 hours: more is cut by the vendor."""
    fields = _action("get", names) | _between(start, end)
    return Call(path="/v2/sleep", fields=fields, rows="series")


def in_parts(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Split a span into parts that are answered whole: a local day of 25 hours takes two."""
    while start < end:
        until = min(start + LONGEST_CALL, end)
        yield start, until
        start = until


def devices() -> Call:
    """`getdevice`."""
    return Call(path="/v2/user", fields={"action": "getdevice"}, rows="devices")


def _action(name: str, data_fields: Iterable[str]) -> dict[str, str]:
    """Give an action with the fields that its rows shall have; stages come without naming one."""
    named = ",".join(data_fields)
    return {"action": name} | ({"data_fields": named} if named else {})


def _between(start: datetime, end: datetime) -> dict[str, str]:
    return {"startdate": str(int(start.timestamp())), "enddate": str(int(end.timestamp()) - 1)}


def _days(first: date, last: date) -> dict[str, str]:
    return {"startdateymd": first.isoformat(), "enddateymd": last.isoformat()}
