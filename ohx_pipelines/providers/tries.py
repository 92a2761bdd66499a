"""One call to a vendor, tried as often as is worth while.

Belongs here: how often, how long, and the pauses in between, for every vendor's client. Not here: which
errors are worth another try (a client says so), or counting calls (`counted.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_random_exponential

from ohx_pipelines.errors import RateLimited, VendorError

ATTEMPTS = 3
# A longer pause gives the days back as `rate_limited`: a worker that sleeps helps nobody.
LONGEST_WAIT_SECONDS = 15.0
# Bounds one call with all its tries; a slow answer is given up by the adapter's own deadline.
LONGEST_CALL_SECONDS = 90.0
_backoff = wait_random_exponential(multiplier=0.5, max=5)
_Answer = TypeVar("_Answer")


def tried(
    attempt: Callable[[], _Answer], *, worth_another: Callable[[BaseException], bool]
) -> _Answer:
    """Make a call until it is answered; a VendorError says how often it was tried.

    A pause that the vendor asks for is kept between two tries.
    """
    retrying = Retrying(
        stop=stop_after_attempt(ATTEMPTS) | stop_after_delay(LONGEST_CALL_SECONDS),
        retry=retry_if_exception(worth_another),
        wait=_pause_seconds,
        reraise=True,
    )
    try:
        return retrying(attempt)
    except VendorError as error:
        error.attempts = retrying.statistics.get("attempt_number", 1)
        raise


def _pause_seconds(state: Any) -> float:
    error = state.outcome.exception()
    jitter = float(_backoff(state))
    return jitter + (error.wait_seconds or 0.0 if isinstance(error, RateLimited) else 0.0)
