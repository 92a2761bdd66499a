"""Whatever a file holds, its parser gives a frame that fits or refuses it: nothing else, and soon.

FUZZ_INPUTS says how many inputs each parser is given (`make fuzz`: 100,000), FUZZ_SEED which ones.
"""

import os
import re
import time
import tracemalloc
from collections import Counter
from dataclasses import replace
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ohx_pipelines.measurements import check_frame
from ohx_pipelines.providers.files.base import Bounds, Choices, DateOrder, FileRefused, ParsedFile
from ohx_pipelines.providers.registry import FILE_PROVIDERS
from tests.fuzz.shapes import CANARY, NOW, SHAPES
from tests.fuzz.spoiling import drawn, spoiled

INPUTS = int(os.environ.get("FUZZ_INPUTS", "300"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
APPS = {one.facts.name: one for one in FILE_PROVIDERS}
MOST_SECONDS = 3.0
# Of an input of some kilobytes.
MOST_BYTES = 30_000_000
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Pacific/Apia")]
FEW = settings(max_examples=100, deadline=None, suppress_health_check=[*HealthCheck])
DECIMALS = re.compile(r"[0-9]+[.,][0-9]{1,}")

every_app = pytest.mark.parametrize("app", sorted(APPS))


def choices(number=0):
    order = (None, DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST)[number % 3]
    return Choices(zone=ZONES[number % len(ZONES)], date_order=order, now=NOW)


def read(app, content, number=0):
    """Give what a parser makes of an input, checked for what it promises of any."""
    begun = time.process_time()
    assert APPS[app].recognizes(content) in {True, False}
    try:
        result = APPS[app].parse(content, choices(number), bounds=Bounds(most_seconds=MOST_SECONDS))
    except FileRefused as refused:
        result = refused
    assert time.process_time() - begun < MOST_SECONDS
    if isinstance(result, ParsedFile):
        _check_parsed(APPS[app], result)
    _check_silence(result, content)
    return result


def _check_parsed(app, file):
    check_frame(file.frame)
    assert set(file.frame["metric"]) <= app.facts.metrics_of(app.facts.shareable)
    assert set(file.frame["device"]) - {None} <= file.devices.keys()
    assert len(file.frame) or file.rejected or file.ignored
    assert all(note.row >= 1 for note in (*file.rejected, *file.taken_as))


def _check_silence(result, content):
    """Find no text of people and no number of theirs in what is told of a result."""
    if isinstance(result, FileRefused):
        told = f"{result!r} {result} {vars(result)} {result.__context__!r} {result.__cause__!r}"
    else:
        # What a device is called is told on purpose.
        told = f"{replace(result, devices={})!r} {result.frame.columns!r}"
    assert CANARY not in told
    numbers = set(DECIMALS.findall(content.decode("latin-1")))
    assert not {one for one in numbers if len(one) > 3} & set(DECIMALS.findall(told))


@every_app
def test_files_that_are_not_spoiled_are_read_whole(app):
    for number, shape in enumerate(SHAPES[app] * 10):
        content = shape(Random(number)).written()
        assert APPS[app].recognizes(content)
        file = _read_in_its_order(app, content)
        assert (shape.__name__, file.rejected, file.cut) == (shape.__name__, [], None)
        assert len(file.frame)


def _read_in_its_order(app, content):
    for order in range(3):
        result = read(app, content, order)
        if isinstance(result, ParsedFile):
            break
    return result


@pytest.mark.timeout(0)
@every_app
def test_a_spoiled_file_becomes_a_frame_or_is_refused(app, count):
    words = Counter()
    for number in range(INPUTS):
        content = spoiled(app, number, seed=SEED)
        result = _named(app, content, number)
        is_read = isinstance(result, ParsedFile)
        words["read" if is_read else result.reason.value] += 1
        if is_read:
            words["whole" if result.is_whole else "partly"] += 1
    for word, times in words.items():
        for _ in range(min(times, INPUTS)):
            count(f"fuzz {app}", word)

    # Inputs that are all refused would say nothing of what is behind the refusals.
    assert words["read"] > INPUTS // 5


def _named(app, content, number):
    try:
        return read(app, content, number)
    except BaseException as error:
        error.add_note(f"spoiled({app!r}, {number}, seed={SEED})")
        raise


@every_app
def test_a_small_file_takes_little_memory_however_spoiled(app):
    for number in range(0, min(INPUTS, 3000), 10):
        content = spoiled(app, number, seed=SEED)
        tracemalloc.start()
        try:
            _named(app, content, number)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < MOST_BYTES, number


@FEW
@given(st.sampled_from(sorted(APPS)), st.binary(max_size=300))
def test_any_bytes_are_refused_or_read(app, content):
    read(app, content)


@FEW
@given(st.sampled_from(sorted(APPS)), st.text(max_size=300), st.sampled_from(["utf-8", "utf-16"]))
def test_any_text_is_refused_or_read(app, text, encoding):
    read(app, text.encode(encoding, "replace"))


@FEW
@given(st.sampled_from(sorted(APPS)), st.randoms(use_true_random=False), st.integers(0, 8))
def test_any_spoiled_file_is_refused_or_read(app, random, number):
    read(app, drawn(app, random), number)
