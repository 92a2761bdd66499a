"""Google Health's listings: each data type that is read, by which method, and what comes of it.

Belongs here: the one table of data types with their three spellings. Not here: calls (`calls.py`), or
what a row means (a reader per kind). docs/sources.md tells why each is read as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.google_health.scopes import (
    ACTIVITY_SCOPE,
    ECG_SCOPE,
    HEALTH_SCOPE,
    NUTRITION_SCOPE,
    RHYTHM_SCOPE,
    SLEEP_SCOPE,
)

# Civil days that one roll-up may span, by the vendor's reference.
LONGEST_ROLL_UP, COSTLY = 90, 14


class Method(StrEnum):
    """How a data type is read: raw points of all sources, one merged stream, or totals of a day."""

    LIST = "list"
    RECONCILE = "reconcile"
    DAILY = "dailyRollUp"


class Kind(StrEnum):
    """When a data type's points are: over an interval, at an instant, of a date, of a session."""

    INTERVAL = "interval"
    SAMPLE = "sample"
    DAILY = "daily"
    SESSION = "session"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A data type read by one method.

    `name` is what records are named after, `path` the data type in addresses (kebab-case), `member`
    its name in answers (camelCase); in filters it is `field` (snake_case). `data_types` are the names
    of what a patient shares of it. A roll-up may span `most_days`.
    """

    name: str
    path: str
    member: str
    method: Method
    kind: Kind
    scope: str
    data_types: tuple[str, ...]
    metrics: frozenset[Metric]
    most_days: int = LONGEST_ROLL_UP

    @property
    def field(self) -> str:
        """Give the data type as filters spell it."""
        return self.path.replace("-", "_")


def _listing(  # noqa: PLR0913 (a row of the table)
    path: str,
    method: Method,
    kind: Kind,
    scope: str,
    shared_as: str | tuple[str, ...],
    *metrics: Metric,
    name: str | None = None,
    most_days: int = LONGEST_ROLL_UP,
) -> Listing:
    first, *others = path.split("-")
    return Listing(
        name=name or path.replace("-", "_"),
        path=path,
        member=first + "".join(other.capitalize() for other in others),
        method=method,
        kind=kind,
        scope=scope,
        data_types=(shared_as,) if isinstance(shared_as, str) else shared_as,
        metrics=frozenset(metrics),
        most_days=most_days,
    )


def _total(path: str, *metrics: Metric, most_days: int = LONGEST_ROLL_UP) -> Listing:
    return _listing(
        path,
        Method.DAILY,
        Kind.INTERVAL,
        ACTIVITY_SCOPE,
        "activity",
        *metrics,
        most_days=most_days,
    )


def _daily(path: str, shared_as: str, *metrics: Metric, scope: str = HEALTH_SCOPE) -> Listing:
    return _listing(path, Method.RECONCILE, Kind.DAILY, scope, shared_as, *metrics)


def _series(path: str, shared_as: str, *metrics: Metric) -> Listing:
    return _listing(path, Method.RECONCILE, Kind.SAMPLE, HEALTH_SCOPE, shared_as, *metrics)


def _taking(path: str, shared_as: str, *metrics: Metric) -> Listing:
    return _listing(path, Method.LIST, Kind.SAMPLE, HEALTH_SCOPE, shared_as, *metrics)


def _fitness(path: str) -> Listing:
    return _listing(
        path, Method.RECONCILE, Kind.SAMPLE, ACTIVITY_SCOPE, "fitness", Metric.VO2_MAX_SAMPLE
    )


LISTINGS = (
    _taking("weight", "body", Metric.BODY_WEIGHT),
    _taking("body-fat", "body", Metric.FAT_RATIO),
    _taking("height", "body", Metric.BODY_HEIGHT),
    _total("steps", Metric.STEPS_PER_DAY),
    _total("distance", Metric.DISTANCE_PER_DAY),
    _total("floors", Metric.FLOORS_CLIMBED_PER_DAY),
    _total("altitude", Metric.ELEVATION_GAIN_PER_DAY),
    _total("active-energy-burned", Metric.ACTIVE_ENERGY_PER_DAY),
    _total("total-calories", Metric.ENERGY_EXPENDED_PER_DAY, most_days=COSTLY),
    _total(
        "active-minutes",
        Metric.LIGHT_ACTIVITY_DURATION,
        Metric.MODERATE_ACTIVITY_DURATION,
        Metric.VIGOROUS_ACTIVITY_DURATION,
        most_days=COSTLY,
    ),
    _total("active-zone-minutes", Metric.ACTIVE_ZONE_MINUTES),
    _total("sedentary-period", Metric.SEDENTARY_DURATION),
    _total(
        "time-in-heart-rate-zone",
        Metric.LIGHT_HEART_RATE_ZONE_DURATION,
        Metric.MODERATE_HEART_RATE_ZONE_DURATION,
        Metric.INTENSE_HEART_RATE_ZONE_DURATION,
        Metric.MAXIMUM_HEART_RATE_ZONE_DURATION,
    ),
    _listing(
        "exercise",
        Method.RECONCILE,
        Kind.SESSION,
        ACTIVITY_SCOPE,
        "workouts",
        Metric.WORKOUT_TYPE,
        Metric.WORKOUT_DURATION,
        Metric.ENERGY_EXPENDED,
        Metric.DISTANCE,
        Metric.STEPS,
        Metric.MEAN_HEART_RATE,
    ),
    _listing(
        "heart-rate",
        Method.DAILY,
        Kind.SAMPLE,
        HEALTH_SCOPE,
        "heart_rate",
        Metric.MEAN_HEART_RATE_PER_DAY,
        Metric.MAXIMUM_HEART_RATE_PER_DAY,
        Metric.MINIMUM_HEART_RATE_PER_DAY,
        name="heart_rate_per_day",
        most_days=COSTLY,
    ),
    _daily("daily-resting-heart-rate", "heart_rate", Metric.RESTING_HEART_RATE),
    _series("heart-rate", "intraday", Metric.HEART_RATE_SERIES),
    _daily(
        "daily-heart-rate-variability",
        "heart_rate_variability",
        Metric.HEART_RATE_VARIABILITY_RMSSD,
        Metric.DEEP_SLEEP_HEART_RATE_VARIABILITY_RMSSD,
    ),
    _series(
        "heart-rate-variability",
        "heart_rate_variability",
        Metric.HEART_RATE_VARIABILITY_RMSSD_SERIES,
        Metric.HEART_RATE_VARIABILITY_SDNN_SERIES,
    ),
    _series("oxygen-saturation", "oxygen", Metric.OXYGEN_SATURATION_SERIES),
    _daily("daily-oxygen-saturation", "oxygen", Metric.MEAN_OXYGEN_SATURATION),
    _daily("daily-respiratory-rate", "breathing", Metric.MEAN_RESPIRATORY_RATE),
    _listing(
        "sleep",
        Method.RECONCILE,
        Kind.SESSION,
        SLEEP_SCOPE,
        ("sleep", "sleep_stages"),
        Metric.SLEEP_DURATION,
        Metric.DEEP_SLEEP_DURATION,
        Metric.LIGHT_SLEEP_DURATION,
        Metric.REM_SLEEP_DURATION,
        Metric.AWAKE_DURATION,
        Metric.TIME_IN_BED,
        Metric.SLEEP_LATENCY,
        Metric.AWAKENINGS,
        Metric.SLEEP_STAGE,
    ),
    _taking(
        "core-body-temperature",
        "temperature",
        Metric.BODY_TEMPERATURE,
        Metric.ORAL_TEMPERATURE,
        Metric.TEMPORAL_ARTERY_TEMPERATURE,
        Metric.SKIN_TEMPERATURE,
    ),
    _daily(
        "daily-sleep-temperature-derivations",
        "skin_temperature",
        Metric.MEAN_SKIN_TEMPERATURE,
        Metric.SKIN_TEMPERATURE_BASELINE,
    ),
    _daily("daily-vo2-max", "fitness", Metric.VO2_MAX, scope=ACTIVITY_SCOPE),
    _fitness("vo2-max"),
    _fitness("run-vo2-max"),
    _taking("blood-glucose", "glucose", Metric.BLOOD_GLUCOSE),
    _listing(
        "electrocardiogram",
        Method.LIST,
        Kind.SESSION,
        ECG_SCOPE,
        "ecg",
        Metric.ECG_WAVEFORM,
        Metric.ECG_HEART_RATE,
        Metric.ATRIAL_FIBRILLATION_CLASSIFICATION,
    ),
    _listing(
        "irregular-rhythm-notification",
        Method.LIST,
        Kind.SESSION,
        RHYTHM_SCOPE,
        "irregular_rhythm",
        Metric.IRREGULAR_RHYTHM_NOTIFICATION,
    ),
)
# Only counted, and only where a deployment asks for it.
LOGS = (
    _listing("hydration-log", Method.LIST, Kind.SESSION, NUTRITION_SCOPE, ()),
    _listing("nutrition-log", Method.LIST, Kind.SESSION, NUTRITION_SCOPE, ()),
)
BY_NAME = {one.name: one for one in (*LISTINGS, *LOGS)}
