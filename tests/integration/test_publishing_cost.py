"""What a sync costs an EHR in requests, counted at the EHR: one when nothing changed, three at most."""

import pytest

from benchmarks.publishing import requests_counted

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def counted():
    return requests_counted()


@pytest.mark.parametrize("mode", ["put-id", "conditional-update", "conditional-create", "blind"])
def test_an_unchanged_window_of_a_hundred_readings_is_one_request(counted, mode):
    assert (counted["readings"], counted["naive"]["unchanged"]) == (100, 200)
    assert counted[mode]["unchanged"] == 1


@pytest.mark.parametrize("mode", ["put-id", "conditional-update", "conditional-create", "blind"])
@pytest.mark.parametrize("what", ["changed", "deleted"])
def test_a_changed_window_is_three_requests_at_most(counted, mode, what):
    assert counted[mode][what] <= 3
