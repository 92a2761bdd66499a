"""Connections that break between us and the server: nothing doubled, nothing lost, said clearly."""

import pytest

from tests.conformance.our_writer import MODES, READINGS, outcomes, synced, total
from tests.tcp_proxy import DELAY_SECONDS, Rule, tcp_proxy

pytestmark = pytest.mark.slow

# More than all tries of one request together.
TOO_OFTEN = 12
FAULTS = {
    "a request that never arrives": (Rule.DROP, "POST", 1),
    "an answer that never comes back": (Rule.COMMIT_AND_DROP, "POST", 1),
    "two answers in a row that never come back": (Rule.COMMIT_AND_DROP, "POST", 2),
    "a search without an answer": (Rule.DROP, "GET", 1),
}


@pytest.fixture
def proxy(hapi):
    with tcp_proxy(hapi.url) as proxy:
        yield proxy


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("rule", "method", "times"), FAULTS.values(), ids=FAULTS)
def test_a_lost_connection_costs_nothing(hapi, proxy, patient, mode, rule, method, times):
    proxy.plan(rule, method=method, times=times)

    results = synced(proxy.url, patient, mode=mode)

    assert proxy.handled.count((method, rule)) == times
    assert outcomes(results) == {"synced"}
    assert total(results, "rejected") == 0
    assert hapi.versions(patient) == {"1": READINGS}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("rule", [Rule.DROP, Rule.COMMIT_AND_DROP])
def test_an_ehr_whose_answers_are_lost_for_long_is_called_down_and_the_next_sync_completes_it(
    hapi, proxy, patient, mode, rule
):
    proxy.plan(rule, method="POST", times=TOO_OFTEN)

    results = synced(proxy.url, patient, mode=mode)

    assert outcomes(results) <= {"synced", "ehr_down"}
    # Where it may not repeat a write blindly it reads, and can see that all of it was written.
    if rule is Rule.DROP or mode == "put-id":
        assert results[0].outcome.value == "ehr_down"
    assert set(hapi.versions(patient)) <= {"1"}
    completed = synced(hapi.url, patient, mode=mode)
    assert outcomes(completed) == {"synced"}
    assert hapi.versions(patient) == {"1": READINGS}


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_that_comes_after_our_time_out_is_no_second_write(hapi, proxy, patient, mode):
    synced(hapi.url, patient, rows=[], mode=mode)
    proxy.plan(Rule.DELAY, method="POST", times=1)

    results = synced(proxy.url, patient, mode=mode, timeout_seconds=DELAY_SECONDS * 0.8)

    assert ("POST", Rule.DELAY) in proxy.handled
    assert outcomes(results) <= {"synced", "ehr_down"}
    assert outcomes(synced(hapi.url, patient, mode=mode)) == {"synced"}
    assert hapi.versions(patient) == {"1": READINGS}
