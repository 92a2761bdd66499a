"""Series as SampledData: text of numbers and marks, checked here because no server checks it.

Belongs here: the element, thinning, the form of its text. Not here: units and codes
(`mapping.yaml`) or the period that a series spans (`effective.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ohx_pipelines.fhir.building.left_out import Reason, Unfit
from ohx_pipelines.measurements import Mark, Measurement, Series

# What FHIR allows for a string; nothing that we know of comes near it.
MOST_CHARACTERS = 1_000_000
MS_PER_SECOND = Decimal(1000)
# 1000 ms / 300 has no end, and servers refuse numbers of more than 17 decimals.
FINEST_TIME = Decimal("1E-9")
_TEXT = re.compile(r"(?:-?\d+(?:\.\d+)?|[ELU])(?: (?:-?\d+(?:\.\d+)?|[ELU]))*")


def sampled_data(series: Series, *, origin: dict[str, Any], factor: Decimal) -> dict[str, Any]:
    """Give the element: sample n is origin + factor x its number, at its interval or offset.

    Times are whole seconds where they can be, else milliseconds. Raises Unfit when the text is
    none or too long.
    """
    unit_ms, unit = _time_unit(series)
    element: dict[str, Any] = {"origin": origin}
    if series.interval_ms is not None:
        element["interval"] = _shortened(series.interval_ms / unit_ms)
    element["intervalUnit"] = unit
    if factor != 1:
        element["factor"] = factor
    element["dimensions"] = 1
    if series.offsets_ms is not None:
        element["offsets"] = _text([_shortened(one / unit_ms) for one in series.offsets_ms])
    element["data"] = _text(series.samples)
    return element


def thinned(series: Series, resolution_seconds: int | None) -> Series:
    """Keep the first reading of each bucket of `resolution_seconds`, counted from the start.

    A mean per bucket would be a value that nobody measured. Each kept reading keeps its own time:
    a series stays regular when its buckets begin with a reading or are empty, and becomes
    irregular, without its missing samples, when they do not.
    """
    if resolution_seconds is None or _is_coarse(series, resolution_seconds):
        return series
    width = resolution_seconds * MS_PER_SECOND
    first: dict[int, tuple[Decimal, Decimal | Mark]] = {}
    for time, sample in zip(times_ms(series), series.samples, strict=True):
        if sample is not Mark.MISSING:
            first.setdefault(int(time // width), (time, sample))
    if not first:
        raise Unfit(Reason.SERIES_UNFIT)
    if series.interval_ms is not None and all(at == n * width for n, (at, _) in first.items()):
        gaps = [first.get(n, (width, Mark.MISSING))[1] for n in range(max(first) + 1)]
        return Series(samples=tuple(gaps), interval_ms=width)
    kept = list(first.values())
    return Series(samples=tuple(s for _, s in kept), offsets_ms=tuple(t for t, _ in kept))


def check_series(reading: Measurement, series: Series) -> None:
    """Raise Unfit for a series without a single reading or one that outlasts its period."""
    if all(sample is Mark.MISSING for sample in series.samples):
        raise Unfit(Reason.SERIES_UNFIT)
    if reading.end is None or times_ms(series)[-1] > _ms(reading.end - reading.start):
        raise Unfit(Reason.SERIES_UNFIT)


def times_ms(series: Series) -> Sequence[Decimal]:
    """Give the time of each sample, counted from the start of the series."""
    if series.offsets_ms is not None:
        return series.offsets_ms
    interval = series.interval_ms or Decimal()
    return [n * interval for n in range(len(series.samples))]


def with_samples(series: Series, numbers: Sequence[Decimal | Mark]) -> Series:
    """Give the series with other numbers at the same times."""
    return replace(series, samples=tuple(numbers))


def _is_coarse(series: Series, resolution_seconds: int) -> bool:
    return series.interval_ms is not None and series.interval_ms >= (
        resolution_seconds * MS_PER_SECOND
    )


def _time_unit(series: Series) -> tuple[Decimal, str]:
    times = series.offsets_ms or (series.interval_ms or Decimal(),)
    whole = all(not one % MS_PER_SECOND for one in times)
    return (MS_PER_SECOND, "s") if whole else (Decimal(1), "ms")


def _shortened(number: Decimal) -> Decimal:
    """Write a time without the zeros that a division leaves, and without digits past sense."""
    if number == number.to_integral_value():
        return number.to_integral_value()
    rounded = number.quantize(FINEST_TIME)
    return number if number == rounded else rounded


def _text(samples: Sequence[Decimal | Mark]) -> str:
    text = " ".join(one.value if isinstance(one, Mark) else format(one, "f") for one in samples)
    if len(text) > MOST_CHARACTERS:
        raise Unfit(Reason.SERIES_TOO_LONG)
    if not _TEXT.fullmatch(text) or text.count(" ") != len(samples) - 1:
        raise Unfit(Reason.SERIES_UNFIT)
    return text


def _ms(duration: timedelta) -> Decimal:
    return Decimal(duration // timedelta(microseconds=1)) / MS_PER_SECOND
