"""A made-up vendor and a made-up EHR in memory, which fail on demand.

Belongs here: stand-ins for the two ends of a sync. Not here: fixtures or expectations. The EHR
stands where the FHIR client stands, so the real Publisher works on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from time import sleep

from ohx_pipelines.errors import EhrRejected
from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, to_frame
from ohx_pipelines.providers.base import (
    DataType,
    DeviceInfo,
    Fetched,
    Listed,
    Normalized,
    Page,
    ProviderFacts,
    TokenGrant,
    Unpublished,
)

EVERYTHING = DataType(name="everything", title="all that there is", metrics=frozenset(Metric))
SCALE = DeviceInfo(device="5d1c", model="Body+", kind="Scale")


def weighing(day, value="72.30", *, record="1", hour=7):
    return _row(Metric.BODY_WEIGHT, value, "kg", day=day, record=record, hour=hour)


def cuff(day, *, record="9", hour=8):
    return [
        _row(metric, value, unit, day=day, record=record, hour=hour)
        for metric, value, unit in (
            (Metric.SYSTOLIC_BLOOD_PRESSURE, "128", "mm[Hg]"),
            (Metric.DIASTOLIC_BLOOD_PRESSURE, "81", "mm[Hg]"),
            (Metric.HEART_RATE, "64", "/min"),
        )
    ]


def steps(day, value="8123"):
    """Give a day's total, from midnight to midnight at +01:00."""
    start = datetime.combine(day, time(), UTC) - timedelta(hours=1)
    row = _row(Metric.STEPS_PER_DAY, value, "{steps}/d", day=day, record="s", hour=0)
    return replace(row, start=start, end=start + timedelta(days=1), end_offset_minutes=60)


def left_out(day, metric, *, held_back, reason="ambiguous", group="g1", record=None):
    return Unpublished(
        metric=metric,
        record=record or group,
        group=group,
        occurrence=0,
        day=day,
        reason=reason,
        held_back=held_back,
    )


def cuff_left_out(day, *, held_back, reason="ambiguous", group="g1"):
    return [
        left_out(day, metric, held_back=held_back, reason=reason, group=group)
        for metric in (
            Metric.SYSTOLIC_BLOOD_PRESSURE,
            Metric.DIASTOLIC_BLOOD_PRESSURE,
            Metric.HEART_RATE,
        )
    ]


def _row(metric, value, unit, *, day, record, hour):
    record = f"{day:%m%d}{record}"
    return Measurement(
        metric=metric,
        value=Decimal(value),
        unit=unit,
        start=datetime.combine(day, time(hour), UTC),
        offset_minutes=60,
        day=day,
        device=SCALE.device,
        method=RecordingMethod.DEVICE,
        record=record,
        group=record,
    )


class QuietBreaker:
    """A breaker that lets everything through, and notes what it is told."""

    def __init__(self):
        self.noted = []

    def check(self):
        """Leave nothing alone."""

    def failed(self, error):
        self.noted.append(error.code)

    def answered(self):
        self.noted.append("answered")


class FixedToken:
    """The tokens of one account; the access token is the account's name."""

    def __init__(self, account="ada"):
        self.account = account

    scopes = frozenset({"user.info", "user.metrics"})

    def current(self):
        return self.account

    def renew(self, refused):
        raise AssertionError(refused)


@dataclass
class MadeUpVendor:
    """A cloud that knows readings by day, the same for every account.

    `fetch_errors` are keyed by account, by day or by None for every call; `asked` notes each
    fetch as (account, first day, last day), `asked_for` what each was for, `revoked` each revocation as (user, refresh token).
    `listed` are the metrics that its listing holds whole, `whole` its listings where they are
    several; `listings` gives the rows of the next
    listings, one after the other, before `rows` do; `kept` are records of which nothing is
    concluded, `failures` listings that fail. `owned` are the account's devices, `devices_shared` for
    which shared types each asking for them was.
    """

    rows: list = field(default_factory=list)
    listed: frozenset = frozenset(Metric)
    listings: list = field(default_factory=list)
    unpublished: list = field(default_factory=list)
    ignored: dict = field(default_factory=dict)
    whole: tuple = ()
    kept: frozenset = frozenset()
    failures: tuple = ()
    gave_up: object = None
    fetch_errors: dict = field(default_factory=dict)
    normalize_error: Exception | None = None
    owned: list = field(default_factory=lambda: [SCALE])
    devices_error: Exception | None = None
    while_listing: Callable = lambda: None
    refresh_errors: list = field(default_factory=list)
    revoke_error: Exception | None = None
    while_fetching: Callable = lambda: None
    most_days: int = 90
    pause_seconds: float = 0.0
    name: str = "acme"
    asked: list = field(default_factory=list)
    asked_for: list = field(default_factory=list)
    revoked: list = field(default_factory=list)
    devices_shared: list = field(default_factory=list)

    @property
    def facts(self):
        return ProviderFacts(
            name=self.name,
            title="Acme",
            manufacturer="Acme",
            scopes=("all",),
            data_types=(EVERYTHING,),
            pkce=False,
            most_days=self.most_days,
        )

    def fetch(self, window, token, *, asked):
        account = token.current()
        self.asked.append((account, window.first_day, window.last_day))
        self.asked_for.append(asked)
        sleep(self.pause_seconds)
        self.while_fetching()
        for key in (None, account, *window.days):
            if key in self.fetch_errors:
                raise self.fetch_errors[key]
        page = Page(listing="everything", body={})
        return Fetched(
            window=window,
            pages=[page],
            calls=1,
            asked=asked,
            failures=self.failures,
            gave_up=self.gave_up,
        )

    def normalize(self, fetched):
        if self.normalize_error:
            raise self.normalize_error
        days = set(fetched.window.days)
        listing = self.listings.pop(0) if self.listings else self.rows
        rows = [row for row in listing if row.day in days]
        return Normalized(
            frame=to_frame(rows),
            devices={SCALE.device: SCALE} if rows else {},
            unpublished=[one for one in self.unpublished if one.day in days],
            ignored={day: self.ignored[day] for day in self.ignored if day in days},
            listed=self.whole or ((Listed(metrics=self.listed),) if self.listed else ()),
            kept=self.kept,
        )

    def devices(self, token, *, shared=None):
        token.current()
        self.devices_shared.append(shared)
        self.while_listing()
        if self.devices_error:
            raise self.devices_error
        return self.owned

    def refresh(self, refresh_token):
        if self.refresh_errors:
            raise self.refresh_errors.pop(0)
        return grant(refresh_token)

    def revoke(self, *, user, refresh_token):
        if self.revoke_error:
            raise self.revoke_error
        self.revoked.append((user, refresh_token))


def grant(account, *, expires_at=None):
    return TokenGrant(
        access_token=account,
        refresh_token=f"refresh-{account}",
        expires_at=expires_at or datetime(2099, 1, 1, tzinfo=UTC),
        scopes=frozenset({"all"}),
        user=account,
    )


@dataclass
class MadeUpEhr:
    """What the FHIR client offers the Publisher, over a dict.

    `write_errors` are raised for a Bundle with a resource of that patient, day or type; `refused`
    answers every resource of that day or type with the status. `log` notes reads and writes.
    """

    url: str = "https://ehr.example/fhir"
    attempts: int = 1
    held: dict = field(default_factory=dict)
    read_error: Exception | None = None
    write_errors: dict = field(default_factory=dict)
    refused: dict = field(default_factory=dict)
    log: list = field(default_factory=list)

    def search(self, resource_type, parameters):
        self.log.append(("read", resource_type))
        if self.read_error:
            raise self.read_error
        found = [one for (kind, _), one in self.held.items() if kind == resource_type]
        found = [one for one in found if all(_matches(one, *given) for given in parameters)]
        return found + (self._devices_of(found) if "_include" in dict(parameters) else [])

    def _devices_of(self, found):
        named = {one.get("device", {}).get("reference") for one in found}
        return [one for (kind, key), one in self.held.items() if f"{kind}/{key}" in named]

    def batch(self, entries):
        resources = [entry["resource"] for entry in entries]
        self.log += [("write", resource["resourceType"]) for resource in resources]
        for resource in resources:
            for key in (_patient(resource), _day(resource), resource["resourceType"]):
                if key in self.write_errors:
                    raise self.write_errors[key]
        return [self._put(resource) for resource in resources]

    def transaction(self, entries):
        """All or nothing: one refused entry refuses the whole."""
        if any(self.refused.get(_day(entry["resource"])) for entry in entries):
            raise EhrRejected(status=422)
        return self.batch(entries)

    def _put(self, resource):
        status = self.refused.get(_day(resource)) or self.refused.get(resource["resourceType"])
        if status:
            issue = {"severity": "error", "code": "value", "diagnostics": "CANARY 72.30"}
            return {"status": f"{status} Refused", "outcome": {"issue": [issue]}}
        self.held[resource["resourceType"], resource["id"]] = resource
        return {"status": "201"}

    def close(self):
        pass

    def totals(self):
        return Counter(kind for kind, _ in self.held)

    def patients(self):
        return {_patient(one) for one in self.held.values()} - {None}


def _patient(resource):
    return resource.get("subject", {}).get("reference", "").removeprefix("Patient/") or None


def _day(resource):
    moment = resource.get("effectiveDateTime") or resource.get("effectivePeriod", {}).get("start")
    return date.fromisoformat(moment[:10]) if moment else None


def _matches(resource, name, value):
    if name == "_id":
        return resource["id"] in value.split(",")
    if name == "patient":
        return _patient(resource) == value.removeprefix("Patient/")
    if name == "date":
        period = resource.get("effectivePeriod", {})
        moment = datetime.fromisoformat(resource.get("effectiveDateTime") or period["start"])
        bound = datetime.fromisoformat(value[2:])
        return moment >= bound if value.startswith("ge") else moment < bound
    return True
