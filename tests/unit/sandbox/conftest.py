"""The sandbox under test, made anew for each test.

Belongs here: fixtures of the stand-ins' tests. Not here: the moves (`world_parts.py`).
"""

import pytest

from tests.unit.sandbox.world_parts import Sandbox


@pytest.fixture
def sandbox():
    return Sandbox()
