"""Days for the end-to-end tests.

Belongs here: fixtures that more than one journey needs. Not here: deployments (`tests/deployment.py`).
"""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture(scope="session")
def week():
    """The last seven days that have ended in every time zone, oldest first."""
    last = (datetime.now(UTC) - timedelta(hours=12)).date() - timedelta(days=1)
    return [last - timedelta(days=n) for n in range(6, -1, -1)]
