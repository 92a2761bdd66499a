"""Events that outlast a restart of Dagster's database, and runs that start anew when they cannot.

Belongs here: what a step does when its event log does not answer. Not here: what an event says.
"""

from collections.abc import Callable
from typing import TypeVar

import dagster as dg
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy.exc import InterfaceError, OperationalError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_random_exponential

T = TypeVar("T")

LOST_DATABASE = (DagsterPostgresException, OperationalError, InterfaceError)
LONGEST_SECONDS = 60.0
# A failed step is not retried by itself (the vendor or the EHR would be hammered); this one may be.
_RETRY_TAG = "dagster/retry_on_asset_or_op_failure"


def log_lasting(
    context: dg.AssetExecutionContext, event: dg.AssetMaterialization | dg.AssetObservation
) -> None:
    """Log an event; a database that comes back within a minute costs nothing.

    An event whose connection broke may be stored twice, which says the same twice.
    """
    _lasting(lambda: context.log_event(event))


def tell_lasting(context: dg.AssetExecutionContext, text: str, *numbers: int) -> None:
    """Log a line of progress in the same way."""
    _lasting(lambda: context.log.info(text, *numbers))


def lost_database(context: dg.AssetExecutionContext) -> dg.Failure:
    """Give the failure of a step that lost the database, marked to be run again by the daemon."""
    _lasting(lambda: context.instance.add_run_tags(context.run.run_id, {_RETRY_TAG: "true"}))
    return dg.Failure(
        description="The database did not answer for a minute. The run is tried again by itself "
        "where run retries are on; otherwise re-execute from failure.",
        allow_retries=False,
    )


def _lasting(call: Callable[[], T]) -> T:
    retrying = Retrying(
        stop=stop_after_delay(LONGEST_SECONDS),
        retry=retry_if_exception_type(LOST_DATABASE),
        wait=wait_random_exponential(multiplier=0.2, max=3),
        reraise=True,
    )
    return retrying(call)
