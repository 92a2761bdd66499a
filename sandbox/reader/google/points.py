"""The vendor's points taken apart: when, of which day, by which device, said by whom.

Belongs here: what all points have in common, each of them once. Not here: twins of two sources
(`twins.py`), or what a value means.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from sandbox.reader.google.wire_values import instant_of_ms
from sandbox.reader.readings import BY_DEVICE, BY_PATIENT, Listing, Row, offset_at

MANUAL = "MANUAL"
# A device is known by its product's name alone; the EHR's Device must be of that model.
MODEL = "model:"
# Types whose points have an id on the wire; any other point is known by when it starts.
NAMED = frozenset(
    {"weight", "body-fat", "height", "sleep", "exercise", "electrocardiogram",
     "irregular-rhythm-notification"}
)  # fmt: skip
# Types whose points say on the wire when they were updated.
DATED = frozenset({"sleep", "exercise"})


def raw_points(listing: Listing, of_type: str) -> list[Row]:
    """Give the points of a type, of all sources."""
    return [*listing.rows.get("points", {}).get(of_type, ())]


def merged_points(listing: Listing, of_type: str) -> list[Row]:
    """Give the points of a type as the vendor merges them."""
    return [*listing.rows.get("merged", {}).get(of_type, ())]


def once(points: Iterable[Row]) -> list[Row]:
    """Give each point of an id once: as it was last updated, else the first that is listed."""
    kept: dict[str, Row] = {}
    for point in points:
        held = kept.setdefault(point_id(point), point)
        if point["type"] in DATED and point["updated"] > held["updated"]:
            kept[point_id(point)] = point
    return [*kept.values()]


def point_id(point: Row) -> str:
    """Give what tells a point from the others of its type."""
    return str(point["id"]) if point["type"] in NAMED else str(point["start"])


def record_of(point: Row) -> str:
    """Give the record of a point that is a reading by itself."""
    return f"{point['type'].replace('-', '_')}-{point_id(point)}"


def start_of(point: Row) -> datetime:
    """Give when a point starts, or was taken."""
    return instant_of_ms(point["start"])


def end_of(point: Row) -> datetime:
    """Give when a point ends."""
    return instant_of_ms(point["end"])


def start_offset(point: Row, listing: Listing) -> timedelta | None:
    """Give the offset of a point's start: the vendor's, else that of the link's zone."""
    return _offset(point, "offset", start_of(point), listing)


def end_offset(point: Row, listing: Listing) -> timedelta | None:
    """Give the offset of a point's end: the vendor's, else that of the link's zone."""
    return _offset(point, "end_offset", end_of(point), listing)


def _offset(point: Row, name: str, at: datetime, listing: Listing) -> timedelta | None:
    return timedelta(seconds=point[name]) if has_offset(point) else offset_at(at, listing.zone)


def has_offset(point: Row) -> bool:
    """Tell whether the vendor says a point's offset: of old ECGs it says none, or zero for none."""
    says_zero = point["type"] == "electrocardiogram" and not point["offset"]
    return bool(point.get("has_offset", True)) and not says_zero


def civil_day(instant: datetime, offset: timedelta | None) -> date:
    """Give the day that a clock with this offset showed then."""
    return (instant.astimezone(UTC) + (offset or timedelta())).date()


def start_day(point: Row, listing: Listing) -> date:
    """Give the vendor's civil date of a point's start."""
    return civil_day(start_of(point), start_offset(point, listing))


def end_day(point: Row, listing: Listing) -> date:
    """Give the vendor's civil date of a point's end."""
    return civil_day(end_of(point), end_offset(point, listing))


def has_changed(point: Row) -> bool:
    """Tell whether the vendor changed a point after it was made."""
    return bool(point["updated"] > point["created"])


def is_typed_in(point: Row) -> bool:
    """Tell whether somebody typed a point in."""
    return (point.get("source") or {}).get("method") == MANUAL


def device_of(point: Row) -> str | None:
    """Give the device that took a point; what was typed in has none.

    ECGs and notifications name it in a place of their own.
    """
    medical = (point["value"].get("medicalDeviceInfo") or {}).get("deviceModel")
    name = medical or (point.get("source") or {}).get("device")
    return f"{MODEL}{name}" if name and not is_typed_in(point) else None


def asserted_by(point: Row) -> str:
    """Give the label that says who asserts a point."""
    return BY_PATIENT if is_typed_in(point) else BY_DEVICE
