"""The same week again and again: one resource per reading, at version 1, in every write mode."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from ohx_pipelines.links.writer_lock import WriterLocks
from tests.conformance.our_writer import MODES, READINGS, outcomes, synced, total

pytestmark = pytest.mark.slow

WRITERS = 8


@pytest.mark.parametrize("mode", MODES)
def test_a_week_that_is_published_twice_is_there_once(hapi, patient, mode):
    first = synced(hapi.url, patient, mode=mode)
    second = synced(hapi.url, patient, mode=mode)

    assert outcomes([*first, *second]) == {"synced"}
    assert (total(first, "created"), total(second, "unchanged")) == (READINGS, READINGS)
    assert hapi.versions(patient) == {"1": READINGS}


@pytest.mark.parametrize("mode", MODES)
def test_a_week_that_eight_publish_at_once_is_there_once(hapi, patient, database_url, mode):
    locks = WriterLocks(database_url)
    together = Barrier(WRITERS)

    def write(_):
        together.wait(30)
        return synced(hapi.url, patient, mode=mode, locks=locks)

    with ThreadPoolExecutor(WRITERS) as writers:
        results = [one for each in writers.map(write, range(WRITERS)) for one in each]

    assert outcomes(results) == {"synced"}
    assert total(results, "rejected") == 0
    assert hapi.versions(patient) == {"1": READINGS}
    assert len({one["device"]["reference"] for one in hapi.observations(patient)}) == 1
    again = synced(hapi.url, patient, mode=mode)
    assert (outcomes(again), total(again, "unchanged")) == ({"synced"}, READINGS)


@pytest.mark.parametrize("mode", MODES[1:])
def test_another_mode_finds_what_was_written_under_our_ids(hapi, patient, mode):
    synced(hapi.url, patient)
    again = synced(hapi.url, patient, mode=mode)

    assert (outcomes(again), total(again, "unchanged")) == ({"synced"}, READINGS)
    assert hapi.versions(patient) == {"1": READINGS}
