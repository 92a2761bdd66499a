"""How a series stands in the EHR: a reading of many samples.

Belongs here: samples, and the reading around them. Not here: which series there are
(`expected_minutes.py`, `expected_stages.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.reader.readings import Listing, Reading, Samples, number
from sandbox.reader.rules import Span, spanning

HEART_RATE, BREATHING = "8867-4", "9279-1"
Sampled = dict[datetime, Decimal]


@dataclass(frozen=True, kw_only=True)
class Series:
    """How one series stands; `vital` says that its profile allows no period, `of` what is shared.

    `living` says that zero is no reading of a body.
    """

    name: str
    code: str
    unit: str
    of: str
    vital: bool = False
    living: bool = True

    def sample(self, given: Any) -> Decimal | None:
        """Give a sample of the vendor's; None for what is none."""
        value = number(given)
        if value is None or value < 0 or (self.living and not value):
            return None
        return value

    def reading(
        self, listing: Listing, span: Span, samples: Sampled, *, record: str, device: str | None
    ) -> Reading:
        """Give the reading of samples by their instant."""
        timed = (
            (Decimal((at - span.start) // timedelta(milliseconds=1)), value)
            for at, value in sorted(samples.items())
        )
        # What has ended may still get samples, of a watch that was out of reach.
        row = {"hash_deviceid": device, "modified": span.end.timestamp() + 1}
        return spanning(
            listing,
            span,
            row,
            record=record,
            code=self.code,
            amounts={"": Samples(tuple(timed), self.unit)},
            by_start=self.vital,
        )
