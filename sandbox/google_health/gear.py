"""What people wear, carry and stand on, by their way of living, as this vendor names it.

Belongs here: devices and apps as sources of points. Not here: what they record (`days.py`,
`nights.py`, `bodies.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.google_health.points import (
    ACTIVE,
    BAND,
    CHEST_STRAP,
    DERIVED,
    FITBIT,
    HEALTH_CONNECT,
    MANUAL,
    PASSIVE,
    PHONE,
    SCALE,
    WATCH,
    Source,
)
from sandbox.withings.habits import DILIGENT, HOUSEMATE, NIGHT_OWL, PLAIN, TRAVELLER, TYPIST

TYPED_IN = Source(platform=FITBIT, method=MANUAL)
# Apps that write to Health Connect on the phone, by package.
SLEEP_APP = Source(platform=HEALTH_CONNECT, method=PASSIVE, package="com.urbandroid.sleep")
BODY_APP = Source(platform=HEALTH_CONNECT, method=ACTIVE, package="com.beurer.healthmanagerpro")
FITNESS_APP = Source(platform=HEALTH_CONNECT, method=ACTIVE, package="com.strava")
METER_APP = Source(platform=HEALTH_CONNECT, method=ACTIVE, package="com.mysugr.android")
SENSOR_APP = Source(platform=HEALTH_CONNECT, method=PASSIVE, package="com.dexcom.g7")
THERMOMETER = Source(
    platform=HEALTH_CONNECT,
    method=ACTIVE,
    device="Thermo",
    maker="Withings",
    package="com.withings.wiscale2",
)
STRAP = Source(
    platform=HEALTH_CONNECT,
    method=ACTIVE,
    device="H10",
    form=CHEST_STRAP,
    package="fi.polar.polarflow",
)


@dataclass(frozen=True, kw_only=True)
class Gear:
    """One person's devices; what one can do beside counting steps and pulses is told here."""

    watch: Source | None = None
    phone: Source | None = None
    scale: Source | None = None
    counts_zones: bool = False
    measures_nights: bool = False
    takes_ecgs: bool = False
    has_strap: bool = False


def gear_of(way: int) -> Gear:
    """Give the devices of a way of living."""
    return _GEAR[way]


def actively(source: Source) -> Source:
    """Give a device as it tells what somebody did on purpose."""
    return _by(source, ACTIVE)


def derived(source: Source | None) -> Source:
    """Give a device, or the vendor alone, as it tells what was worked out."""
    return _by(source or TYPED_IN, DERIVED)


def _by(source: Source, method: str) -> Source:
    return Source(
        platform=source.platform,
        method=method,
        device=source.device,
        form=source.form,
        maker=source.maker,
        package=source.package,
    )


def _watch(name: str, form: str = WATCH) -> Source:
    return Source(platform=FITBIT, method=PASSIVE, device=name, form=form)


def _phone(name: str, package: str | None = "com.google.android.apps.fitness") -> Source:
    """Give a phone that an app reads, or without one the vendor's own."""
    platform = HEALTH_CONNECT if package else FITBIT
    return Source(platform=platform, method=PASSIVE, device=name, form=PHONE, package=package)


_SCALE = Source(platform=FITBIT, method=ACTIVE, device="Aria Air", form=SCALE)
_GEAR = {
    DILIGENT: Gear(
        watch=_watch("Pixel Watch 4"),
        scale=_SCALE,
        counts_zones=True,
        measures_nights=True,
        takes_ecgs=True,
    ),
    HOUSEMATE: Gear(
        watch=_watch("Charge 6", BAND),
        phone=_phone("Pixel 9"),
        counts_zones=True,
        measures_nights=True,
    ),
    TYPIST: Gear(phone=_phone("Pixel 8a"), scale=_SCALE),
    NIGHT_OWL: Gear(watch=_watch("Alta HR", BAND)),
    TRAVELLER: Gear(
        watch=_watch("Sense 2"),
        phone=_phone("Galaxy S25", package=None),
        scale=_SCALE,
        counts_zones=True,
        measures_nights=True,
        takes_ecgs=True,
        has_strap=True,
    ),
    PLAIN: Gear(watch=_watch("Versa 4"), scale=_SCALE, counts_zones=True, measures_nights=True),
}
