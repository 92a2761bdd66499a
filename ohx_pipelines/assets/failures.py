"""How a step says that some of its partitions failed: what is told of each, and one failure at the end.

Belongs here: words and metadata of failures. Not here: successes (`events.py`, `devices.py`) or running
a step. A retry of the whole step would run again what is green.
"""

from __future__ import annotations

from collections import Counter

import dagster as dg

from ohx_pipelines.outcomes import Outcome


def failure_metadata(
    outcome: Outcome, *, error: str | None, status: int | None
) -> dict[str, dg.MetadataValue]:
    """Give what every failed partition says: how it failed and what to do."""
    metadata: dict[str, dg.MetadataValue] = {
        "outcome": dg.MetadataValue.text(outcome.value),
        "error": dg.MetadataValue.text(error or outcome.value),
        "what_to_do": dg.MetadataValue.text(outcome.advice),
    }
    if status is not None:
        metadata["http_status"] = dg.MetadataValue.int(status)
    return metadata


def raise_if_any_failed(outcomes: Counter[Outcome], *, of: str) -> None:
    """Raise Failure when a partition failed; `of` is what they are called."""
    failed = {outcome: n for outcome, n in outcomes.items() if not outcome.ok}
    if not failed:
        return
    said = "; ".join(f"{outcome.value}: {n}. {outcome.advice}" for outcome, n in failed.items())
    raise dg.Failure(
        description=f"{sum(failed.values())} of {outcomes.total()} {of} failed. {said}",
        metadata={outcome.value: n for outcome, n in outcomes.items()},
        allow_retries=False,
    )
