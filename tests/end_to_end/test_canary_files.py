"""Nothing of an uploaded file is found anywhere afterwards, also after a crash in the middle.

Files of real shape, whose cells, comments, names and own name occur nowhere else, go through the real
pages and `ohx import` in every way that a file can fare; then every place is searched. What must be
found is: the links' ids and marks that were left on purpose, or the search would look at nothing.
"""

import base64
import shutil
import tempfile
import zlib
from datetime import date
from pathlib import Path

import pytest
import requests

from tests.deployment import running_deployment
from tests.end_to_end import canary_files_scene as played
from tests.end_to_end.canary_files_cases import UPLOADS
from tests.end_to_end.canary_files_watch import is_watched, watched_environment, written_by
from tests.end_to_end.canary_files_writing import Owner, confirmed
from tests.end_to_end.canary_search import Needles, text_spellings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LEVELS = ("INFO", pytest.param("DEBUG", marks=pytest.mark.thorough))
LINKS, SOME_LINK, MARK = "links", "a link of them", "the mark"
TELLING = {
    "database ohx": LINKS,
    "database ohx_dagster": LINKS,
    "database postgres": MARK,
    "database template1": MARK,
    "PostgreSQL's files": LINKS,
    "DAGSTER_HOME": MARK,
    "state folder": MARK,
    "temp folder": MARK,
    "core files": MARK,
    "output": LINKS,
    "output of commands": "a kind of file",
    "command lines": "a program",
    "queries": SOME_LINK,
    "files that were deleted": MARK,
    "files that were held": MARK,
    "names of opened files": "the folder",
}


@pytest.fixture(scope="module", params=LEVELS)
def scene(request, week):
    # Not pytest's own folder: as root, PostgreSQL's user cannot enter it.
    place = Path(tempfile.mkdtemp(prefix="ohx-test-canary-files-"))
    state, temp, watched = place / "state", place / "temp", place / "watch"
    for folder in (place, state, temp, watched):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)
    try:
        with running_deployment(
            sandbox_arguments=["--people", str(len(played.NAMES))],
            TMPDIR=str(temp),
            HOME=str(temp),
            OHX_STATE_DIR=str(state),
            OHX_LOG_LEVEL=request.param,
            OHX_EHR__TIMEOUT_SECONDS="2",
            # A place is free again a moment after the answer was read.
            OHX_UPLOADS__MOST_AT_ONCE="8",
            OHX_SYNC__BREAKER_LINKS="1000",
            OHX_SYNC__REFUSAL_PAUSE_SECONDS="0",
            **watched_environment(watched),
        ) as deployment:
            scene = played.Scene(deployment, week, place)
            scene.play()
        yield scene
    finally:
        shutil.rmtree(place, ignore_errors=True)


def leaks(scene, name):
    """Where something of a file was found, and what."""
    return {
        (place, canary)
        for place, found in scene.found.items()
        for canary in found
        if canary.startswith(f"{name}: ")
    }


@pytest.mark.parametrize("case", UPLOADS, ids=lambda case: case.name)
def test_nothing_of_an_uploaded_file_is_left_anywhere_after(scene, case):
    pages = scene.pages[case.name]
    expected = [case.checked, *([case.ends] if case.ends else []) * (1 + case.again)]
    assert len(pages) == len(expected)
    for page, said in zip(pages, expected, strict=True):
        assert said in page

    assert leaks(scene, case.name) == set()


@pytest.mark.parametrize(
    "case", [one for one in UPLOADS if one.arrives is not None], ids=lambda case: case.name
)
def test_the_files_values_arrive_in_the_ehr_where_they_should(scene, case):
    arrived = scene.arrived[case.name]

    assert arrived or not case.arrives
    assert all(there == case.arrives for there in arrived.values()), arrived


def test_nothing_is_left_of_a_portal_that_was_killed_while_it_published(scene):
    assert isinstance(scene.broken, requests.RequestException)
    checked, published = scene.pages[played.KILLED.name]
    assert played.KILLED.checked in checked
    assert played.KILLED.ends in published
    assert all(scene.arrived[played.KILLED.name].values())

    assert leaks(scene, played.KILLED.name) == set()


@pytest.mark.parametrize("case", [played.HALF, played.LEFT], ids=lambda case: case.name)
def test_nothing_is_left_of_a_body_that_did_not_arrive_whole(scene, case):
    assert not any(scene.arrived[case.name].values())

    assert leaks(scene, case.name) == set()


@pytest.mark.parametrize("name", played.APPS)
def test_nothing_is_left_of_a_file_that_a_command_imported(scene, name):
    assert all(scene.arrived[name].values())

    assert leaks(scene, name) == set()


def test_the_commands_ended_as_their_files_let_them(scene):
    # Looked at, published in part, of two users, refused by the EHR, killed.
    assert scene.commands.statuses == [0, 0, 1, 1, -9]


@pytest.mark.parametrize("process", ["oauth_portal", "import"])
def test_who_takes_files_opens_none_for_writing(scene, process):
    notes = scene.place / "watch"
    assert is_watched(notes, process)

    assert written_by(notes, process) == set()


def test_no_process_may_leave_a_core_file(scene):
    assert scene.core_limits == {(0, 0)}


def test_every_place_is_searched_and_shows_what_may_be_there(scene):
    links = {f"link of {one.name}" for one in UPLOADS if one.ends}

    assert set(scene.found) == set(TELLING)
    for place, told in TELLING.items():
        found = scene.found[place]
        if told == SOME_LINK:
            # Looked at now and then: some are seen, also of a command.
            assert any(one.startswith("link of ") for one in found)
        else:
            assert found >= (links if told == LINKS else {told}), place


OWNER = Owner("somebody", {"zone": "Asia/Tokyo"}, [date(2026, 3, 13), date(2026, 3, 14)])
NUMBER = OWNER.number("kg")
SPELLINGS = {
    "as it is": f"weight {NUMBER} kg".encode(),
    "with a comma": f";{NUMBER.replace('.', ',')};".encode(),
    "in JSON": f'{{"value":{NUMBER}}}'.encode(),
    "as UTF-16": NUMBER.encode("utf-16"),
    "in base64": base64.b64encode(f"kg {NUMBER}".encode()),
    "in hexadecimal": NUMBER.encode().hex().encode(),
    "as zlib": zlib.compress(f"weight {NUMBER} kg".encode()),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_number_of_a_file_is_found_however_it_is_written(spelling):
    assert searched(SPELLINGS[spelling]) != set()


@pytest.mark.parametrize("before_and_after", [("1764455", ""), ("", "21"), ("0.", "")])
def test_a_part_of_a_longer_number_is_no_number_of_a_file(before_and_after):
    before, after = before_and_after

    assert searched(f" {before}{NUMBER}{after} ".encode()) == set()


def searched(data):
    names = {f"somebody: {what}" for what in OWNER.numbers}
    spellings = text_spellings(NUMBER) | text_spellings(NUMBER.replace(".", ","))
    needles = Needles(dict.fromkeys(names, spellings))
    return confirmed(needles.found_in(data), data, OWNER.patterns())
