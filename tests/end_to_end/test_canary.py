"""Health data is never at rest, and no secret in clear: values that cannot occur by chance are sent
through every mode, and then searched for in every place where a deployment could leave something.

Each mode has a person of its own with readings of their own, so what is found tells where it comes
from. What must be found is: the links' ids, or the search would not look where something is.
"""

import shutil
import tempfile
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from tests.deployment import running_deployment
from tests.end_to_end import canary_google_rows, canary_rows
from tests.end_to_end.canary_orders import GOOGLE_HEALTH, WITHINGS
from tests.end_to_end.canary_scene import ALL_JOURNEYS, ALL_MODES, EHR_CLIENT, PEOPLE, Scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

DATABASE_PASSWORD = "canary-password-of-the-database-83b0"
WHOLE_MODES = [mode for mode in ALL_MODES if mode.whole]
ROWS = {WITHINGS: canary_rows.ALL_ROWS, GOOGLE_HEALTH: canary_google_rows.ALL_ROWS}
LEVELS = ("INFO", pytest.param("DEBUG", marks=pytest.mark.thorough))
# What has to be found in each place, or nothing was looked at there.
LINKS = "links"
TELLING = {
    "database ohx": LINKS,
    "database ohx_dagster": LINKS,
    "database postgres": "the mark",
    "database template1": "the mark",
    "PostgreSQL's files": LINKS,
    "DAGSTER_HOME": "the mark",
    "state folder": "the mark",
    "temp folder": "the mark",
    "core files": "the mark",
    "output": LINKS,
    "output of commands": LINKS,
    "command lines": "a run worker",
    "queries": LINKS,
}


@pytest.fixture(scope="module", params=LEVELS)
def scene(request, week):
    # Not pytest's own folder: as root, PostgreSQL's user cannot enter it.
    place = Path(tempfile.mkdtemp(prefix="ohx-test-canary-"))
    state, temp = place / "state", place / "temp"
    for folder in (place, state, temp):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)
    key = ECKey.generate_key("P-384")
    # The operator's own file: it lies outside of what is searched.
    key_file = place / "ehr.pem"
    key_file.write_bytes(key.as_pem(private=True))
    try:
        with running_deployment(
            google_health=True,
            sandbox_arguments=["--people", str(PEOPLE), "--data", "all"],
            TMPDIR=str(temp),
            HOME=str(temp),
            OHX_STATE_DIR=str(state),
            # The private server asks for no password; what is in the address is a secret all the same.
            OHX_DAGSTER__DATABASE_URL=f"postgresql://postgres:{DATABASE_PASSWORD}@/ohx_dagster"
            f"?host={state}/postgres/socket&port=5432",
            OHX_LOG_LEVEL=request.param,
            OHX_PORTAL__NOTIFICATIONS="true",
            OHX_EHR__AUTH="smart_backend",
            OHX_EHR__CLIENT_ID=EHR_CLIENT,
            OHX_EHR__PRIVATE_KEY_FILE=str(key_file),
            OHX_EHR__TIMEOUT_SECONDS="2",
            OHX_WITHINGS__TIMEOUT_SECONDS="2",
            OHX_DAGSTER__RUN_RETRIES="0",
            OHX_SYNC__BREAKER_LINKS="1000",
            OHX_SYNC__REFUSAL_PAUSE_SECONDS="0",
        ) as deployment:
            played = Scene(deployment, week[-2:], ehr_key=key)
            played.play()
        yield played
    finally:
        shutil.rmtree(place, ignore_errors=True)


def leaks(scene, name):
    """Where something of a mode's or journey's person was found, and what."""
    return {
        (place, canary)
        for place, found in scene.found.items()
        for canary in found
        if canary.startswith(f"{name}: ")
    }


@pytest.mark.parametrize("mode", ALL_MODES, ids=lambda mode: mode.name)
def test_nothing_of_a_patient_is_left_anywhere_after(scene, mode):
    # The mode was what it is called, and the readings travelled as far as it lets them.
    outcomes = scene.outcomes.get(scene.subjects[mode.name].link, set())
    assert mode.outcome in outcomes or (mode.outcome is None and not outcomes), outcomes
    assert bool(scene.arrived[mode.name]) == mode.arrives

    assert leaks(scene, mode.name) == set()


@pytest.mark.parametrize("mode", WHOLE_MODES, ids=lambda mode: mode.name)
def test_values_of_every_kind_of_row_arrive_as_far_as_the_mode_lets_them(scene, mode):
    all_rows = ROWS[mode.vendor]
    assert set(scene.subjects[mode.name].rows) >= all_rows

    arrives = all_rows - set(mode.lost) if mode.arrives else set()
    assert scene.rows_arrived[mode.name] == arrives


def test_a_run_over_devices_met_the_same_faults(scene):
    assert scene.copied == "FAILURE"


def test_what_was_deleted_is_held_looked_at_and_retracted(scene):
    assert scene.retracted == {"entered-in-error"}


@pytest.mark.parametrize("journey", ALL_JOURNEYS, ids=lambda journey: journey.name)
def test_nothing_of_a_visitor_is_left_anywhere_after(scene, journey):
    page = scene.pages[journey.name]
    assert f"<h1>{journey.ends}" in page
    assert journey.says in page

    assert leaks(scene, journey.name) == set()


def test_no_secret_stands_anywhere_in_clear(scene):
    seen = scene.secrets_seen
    assert {
        "access_token",
        "refresh_token",
        "id_token",
        "client_assertion",
        "key",
        "code",
        "state",
        "nonce",
        "code_verifier",
        "client_secret",
        "cookie",
        "setting",
    } == set(seen)
    assert all(seen.values())

    assert leaks(scene, "secret") == set()


def test_the_level_reaches_the_process_that_carries_readings(scene):
    lines = scene.deployment.lines
    # asyncio says at DEBUG that it starts, in whichever process our code is loaded.
    by_library = [
        line for line in lines if line.startswith("code | ") and " DEBUG asyncio " in line
    ]

    assert bool(by_library) == (scene.deployment.environment["OHX_LOG_LEVEL"] == "DEBUG")


def test_deliveries_with_the_secret_came_as_far_as_their_signature_lets_them(scene):
    assert scene.told_signed == {204}
    assert scene.told_unsigned == 401


def test_no_process_may_leave_a_core_file(scene):
    assert scene.core_limits == {(0, 0)}


def test_no_fixed_text_of_the_vendor_is_left_anywhere(scene):
    assert leaks(scene, "fixed") == set()


def test_whole_blood_pressures_arrived_as_they_were_planted(scene):
    modes = [mode for mode in ALL_MODES if mode.vendor == WITHINGS]
    successes = [scene.arrived[mode.name] for mode in modes if mode.arrives]

    assert sum(len(held) == 4 for held in successes) >= len(successes) // 3


def test_every_place_is_searched_and_shows_what_may_be_there(scene):
    links = {f"link of {mode.name}" for mode in ALL_MODES}

    assert set(scene.found) == set(TELLING)
    for place, told in TELLING.items():
        found = scene.found[place]
        if place == "queries":
            # Looked at now and then: some are seen.
            assert found & links
        else:
            assert found >= (links if told == LINKS else {told}), place
