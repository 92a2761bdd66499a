"""Fixtures of the tests of OMRON's stand-in.

Belongs here: what is made anew for each test. Not here: the moves (`omron_parts.py`).
"""

import pytest

from tests.unit.sandbox.omron.omron_parts import Omron


@pytest.fixture
def omron():
    return Omron()
