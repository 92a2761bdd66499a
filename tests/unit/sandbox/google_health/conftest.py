"""Fixtures of the tests of Google Health's stand-in.

Belongs here: what is made anew for each test. Not here: the moves (`notifying_parts.py`).
"""

import pytest

from tests.unit.sandbox.google_health.notifying_parts import Cloud


@pytest.fixture
def cloud():
    return Cloud()
