"""What is said at the end of an upload: whole only where nothing is missing."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from oauth_portal.arrivals import Extent, arrival_of
from ohx_pipelines.importing import FileResult
from ohx_pipelines.providers.files.base import Choices
from tests.unit.portal.made_up_files import (
    FILE,
    WITH_A_BAD_ROW,
    MadeUpApp,
    done_day,
    failed_day,
)

DAY = date(2026, 11, 1)
DONE = FileResult(days=(done_day(DAY, created=1),))


def arrival(result=DONE, content=FILE, shared=("body",)):
    app = MadeUpApp()
    parsed = app.parse(content, Choices(zone=ZoneInfo("Europe/Berlin")))
    return arrival_of(result, parsed, app.facts, shared=shared)


@pytest.mark.parametrize("word", ["created", "updated", "unchanged"])
def test_a_file_of_which_everything_is_there_is_whole(word):
    result = FileResult(days=(done_day(DAY, **{word: 1}),))

    assert arrival(result).extent is Extent.WHOLE


@pytest.mark.parametrize(
    "given",
    [{"content": WITH_A_BAD_ROW}, {"content": FILE.rstrip()}, {"shared": ("blood_pressure",)}],
    ids=["a bad row", "no end", "not shared"],
)
def test_a_file_that_says_more_than_arrived_is_not_whole(given):
    assert arrival(**given).extent is Extent.IN_PART


def test_where_no_value_is_in_the_record_nothing_was_carried_over():
    assert arrival(FileResult(days=(done_day(DAY),))).extent is Extent.NOTHING


@pytest.mark.parametrize(
    "result",
    [
        FileResult(days=DONE.days, left=(date(2026, 10, 1),)),
        FileResult(days=(*DONE.days, failed_day(date(2026, 11, 3)))),
    ],
    ids=["left", "failed"],
)
def test_days_that_are_missing_go_before_everything_else(result):
    found = arrival(result, WITH_A_BAD_ROW)

    assert found.extent is Extent.UNFINISHED
    assert (found.done, found.days) == (1, 2)
    assert found.rejected.count == 1
