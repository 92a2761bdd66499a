"""Whose a point is: its device, whether somebody typed it in, and which of two twins counts.

Belongs here: the vendor's data sources. Not here: what a point says (a reader per kind of listing).
docs/sources.md tells the rules to those who look for a missing number.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ohx_pipelines.measurements import RecordingMethod
from ohx_pipelines.providers.base import DeviceInfo
from ohx_pipelines.providers.google_health.device_names import (
    TRACKER,
    device_id,
    kind_of,
    maker_of,
    printable,
)
from ohx_pipelines.providers.google_health.points import Row, object_of, word

DATA_SOURCE, DEVICE = "dataSource", "device"
PLATFORM, RECORDED = "platform", "recordingMethod"
NAME, FORM, MAKER = "displayName", "formFactor", "manufacturer"
MEDICAL_DEVICE, MODEL = "medicalDeviceInfo", "deviceModel"
PLATFORMS = frozenset(
    {
        "FITBIT", "HEALTH_CONNECT", "HEALTH_KIT", "FIT", "FITBIT_WEB_API", "NEST",
        "GOOGLE_WEB_API", "GOOGLE_PARTNER_INTEGRATION",
    }
)  # fmt: skip
# They hold what other makers' apps wrote, and what the vendor's own app wrote once more.
FOREIGN_PLATFORMS = frozenset({"HEALTH_CONNECT", "HEALTH_KIT"})
MANUAL = "MANUAL"
RECORDING_METHODS = frozenset(
    {MANUAL, "PASSIVELY_MEASURED", "DERIVED", "ACTIVELY_MEASURED", "UNKNOWN"}
)
_One = TypeVar("_One")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who took a reading: the name of a device where it has one; points of the merged stream have none."""

    device: str | None = None
    kind: str = TRACKER
    # As DeviceInfo has it.
    maker: str | None = None
    method: RecordingMethod = RecordingMethod.DEVICE
    is_foreign: bool = False
    unknown: tuple[str, ...] = ()

    def described(self, account: str) -> DeviceInfo | None:
        """Describe the device of this account; None where there is none."""
        if self.device is None:
            return None
        return DeviceInfo(
            device=device_id(account, self.device, maker=self.maker),
            model=self.device,
            kind=self.kind,
            manufacturer=self.maker,
        )


def source_of(row: Row, value: Row) -> Source:
    """Say whose a point is; `value` is the point's own member, where ECGs name their device."""
    source = object_of(row, DATA_SOURCE) or {}
    platform, recorded = word(source.get(PLATFORM)), word(source.get(RECORDED))
    device = object_of(source, DEVICE) or {}
    medical = object_of(value, MEDICAL_DEVICE) or {}
    is_typed_in = recorded == MANUAL
    words = ((platform, PLATFORMS, "platform"), (recorded, RECORDING_METHODS, "recording_method"))
    is_foreign = platform in FOREIGN_PLATFORMS
    name = printable(medical.get(MODEL)) or printable(device.get(NAME))
    told = (printable(device.get(MAKER)) or "") if is_foreign else None
    return Source(
        device=None if is_typed_in else name,
        maker=maker_of(name or "", told=told),
        kind=kind_of(device.get(FORM)),
        method=RecordingMethod.MANUAL if is_typed_in else RecordingMethod.DEVICE,
        is_foreign=is_foreign,
        unknown=tuple(
            f"unknown_{what}" for given, known, what in words if given and given not in known
        ),
    )


def is_better_told(device: DeviceInfo, than: Mapping[str, DeviceInfo]) -> bool:
    """Tell whether a device is new, or its kind was only guessed so far."""
    known = than.get(device.device)
    return known is None or known.kind == TRACKER


def with_first(
    listed: Iterable[_One],
    *,
    same: Callable[[_One], Hashable],
    rank: Callable[[_One], tuple[int, str]],
) -> Iterator[tuple[_One, _One]]:
    """Give each point, and the first by rank of those that are the same taking: that one counts.

    A weight that the scale sent comes back by way of the phone.
    """
    points = list(listed)
    first: dict[Hashable, _One] = {}
    for one in sorted(points, key=rank):
        first.setdefault(same(one), one)
    for one in points:
        yield one, first[same(one)]


def rank(source: Source, point: str) -> tuple[int, str]:
    """Rank a point among its twins: the vendor's own with a device, then without, then others'."""
    if source.is_foreign:
        return 2, point
    return 0 if source.device else 1, point
