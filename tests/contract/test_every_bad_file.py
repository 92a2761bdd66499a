"""What every app's room keeps to when a file is broken, hostile, ambiguous or of several minds.

A bad row costs only itself and is named by its number; what cannot be read is refused for a reason,
in time; and nothing of a cell's text is ever in what is shown.
"""

import json
import logging
import subprocess
import sys
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohx_pipelines.providers.files.base import Bounds, Cut, DateOrder, FileRefused, Refusal
from tests.contract.exported import (
    PROVIDERS,
    SAMPLE_IDS,
    SAMPLES,
    at,
    keys_and_values,
    parsed,
    pressure,
    rejected,
    rows_of,
    sample,
    weight,
)
from tests.contract.hostile_outcomes import attacks

CANARY = "KANARIENVOGEL"
# What one such file may take: far more than a true one of ten years.
MOST_SECONDS, MOST_MEGABYTES = 20, 512
# What is wrong with a reading of each kind, in the test of that.
WRONG = {"weight": "body_weight", "pressure": "heart_rate"}
each_sample = pytest.mark.parametrize(("app", "variant"), SAMPLES, ids=SAMPLE_IDS)
# Of each room the ones whose dates leave day and month open.
SLASHES = [("beurer", "pro-en-slashes"), ("beurer", "healthforyou-en"), ("omron_connect", "us")]


def refused(one, **choices):
    with pytest.raises(FileRefused) as caught:
        parsed(one, **choices)
    return caught.value.reason


def with_cell(one, n, cell, text):
    """The file with another text in one cell of a line."""
    lines = one.lines
    separator = ";" if ";" in lines[n] else ","
    cells = lines[n].split(separator)
    cells[cell] = text
    lines[n] = separator.join(cells)
    return one.of(lines)


@each_sample
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("yesterday", {"date_unreadable"}),
        ("=1+1", {"formula"}),
        ("", {"date_unreadable", "cells_missing"}),
        ("1999-01-01 07:00", {"date_too_early", "date_unreadable"}),
    ],
    ids=["no date", "a formula", "nothing", "long ago"],
)
def test_a_row_without_a_date_costs_itself_and_is_named(app, variant, text, words):
    one = sample(app, variant)
    n = one.reading_lines[1]
    without = parsed(one.of([line for m, line in enumerate(one.lines) if m != n]))
    file = parsed(with_cell(one, n, 0, text))

    if text or rejected(file):
        assert [(row, word in words) for row, word in rejected(file)] == [(n + 1, True)]
        assert not file.is_whole
    assert keys_and_values(file) == keys_and_values(without)


@each_sample
def test_a_row_that_breaks_off_costs_itself_and_is_named(app, variant):
    one = sample(app, variant)
    n = one.reading_lines[1]
    lines = one.lines
    lines[n] = lines[n][:14]
    file = parsed(one.of(lines))

    assert {row for row, _ in rejected(file)} == {n + 1}
    assert len({row.group for row in rows_of(file)}) == len(one.rows) - 1


@each_sample
def test_bytes_that_are_no_text_cost_their_row(app, variant):
    one = sample(app, variant)
    n = one.reading_lines[1]
    lines = [line.encode("cp1252") for line in one.lines]
    separator = b";" if b";" in lines[n] else b","
    # No letter of Windows' either.
    lines[n] = lines[n].replace(separator, separator + b"\x81", 1)
    file = parsed(one, content=b"\n".join([*lines, b""]))

    assert rejected(file) == [(n + 1, "text_unreadable")]
    assert len({row.group for row in rows_of(file)}) == len(one.rows) - 1


@each_sample
def test_what_cannot_be_is_left_out_by_its_metric(app, variant):
    one = sample(
        app, variant, [weight(at("2026-03-14"), "714"), pressure(at("2026-03-14"), pulse=300)]
    )
    file = parsed(one)

    told = {(note.word, note.metric) for note in file.rejected}
    assert told == {("implausible", WRONG[row.kind]) for row in one.rows}
    standing = {(row.record.partition("-")[0], row.metric.value) for row in rows_of(file)}
    assert standing
    assert standing.isdisjoint(WRONG.items())
    assert {one.reason for one in file.unpublished} == {"implausible"}


@each_sample
def test_half_a_pair_is_never_published(app, variant):
    one = sample(app, variant, [pressure(at("2026-03-14"), 131, 8), weight(at("2026-03-14"))])
    metrics = {row.metric.value for row in rows_of(parsed(one))}

    assert not {metric for metric in metrics if metric.endswith("blood_pressure")}
    assert metrics


@pytest.mark.parametrize(("app", "variant"), SLASHES, ids=[" ".join(one) for one in SLASHES])
def test_an_order_of_dates_is_asked_for_only_where_nothing_tells_it(app, variant):
    one = sample(app, variant, [pressure(at("2026-03-04")), weight(at("2026-03-05"))])
    one = one.of([line.replace("Mar 4 2026", "04/03/2026") for line in one.lines])
    told = one.of([line.replace("04/03/2026", "25/03/2026") for line in one.lines])

    assert refused(one) is Refusal.AMBIGUOUS_DATES
    days = {
        order: {str(row.day) for row in rows_of(parsed(one, date_order=order))}
        for order in DateOrder
    }
    assert days[DateOrder.DAY_FIRST] <= {"2026-03-04", "2026-03-05"}
    assert days[DateOrder.MONTH_FIRST] <= {"2026-04-03", "2026-05-03"}
    assert parsed(told).date_order is DateOrder.DAY_FIRST
    assert refused(told, date_order=DateOrder.MONTH_FIRST) is Refusal.OTHER_DATE_ORDER


@each_sample
def test_dates_that_leave_nothing_open_need_no_order(app, variant):
    one = sample(app, variant, [pressure(at("2026-03-25")), weight(at("2026-03-25"))])

    assert parsed(one).frame.shape[0] > 0


@each_sample
def test_a_file_that_ends_too_early_never_says_what_the_whole_does_not(app, variant):
    one = sample(app, variant)
    whole = keys_and_values(parsed(one))
    content = one.content
    for length in range(len(content) - 2, 20, -7):
        try:
            file = parsed(one, content=content[:length])
        except FileRefused:
            continue
        # Of a row that has all its cells nobody can tell whether the last one lacks a digit.
        told = keys_and_values(file)
        changed = {key for key in told if key not in whole or told[key] != whole[key]}
        assert len({key[1] for key in changed}) <= 1, (length, changed)


@each_sample
def test_a_file_that_ends_within_a_row_says_so(app, variant):
    one = sample(app, variant)
    n = one.reading_lines[-1]
    lines = one.lines[: n + 1]
    lines[n] = lines[n][:13]
    file = parsed(one, content="\n".join(lines).encode())

    assert file.cut is Cut.ENDS_INSIDE
    assert not file.is_whole
    assert {row for row, _ in rejected(file)} <= {n + 1}


@each_sample
def test_nothing_of_a_cell_is_in_what_is_shown(app, variant, caplog):
    caplog.set_level(logging.DEBUG)
    one = sample(app, variant)
    n = one.reading_lines[0]
    cells = len(one.lines[n].split(";" if ";" in one.lines[n] else ","))
    for cell in range(cells):
        file = parsed(with_cell(one, n, cell, CANARY))
        shown = repr(file) + repr(file.rejected) + repr(file.unpublished) + repr(file.ignored)
        assert CANARY not in shown
        assert CANARY not in str(file.rejected) + str(file.taken_as)
    assert CANARY not in caplog.text


@each_sample
def test_nothing_of_a_cell_is_in_a_refusal(app, variant, caplog):
    caplog.set_level(logging.DEBUG)
    one = sample(app, variant)
    header = one.reading_lines[0] - 1
    for line in (f"{CANARY}\x00", f"{CANARY};" * 20_000, f"<{CANARY}>"):
        broken = one.of([line, *one.lines[:header], *([line] * 3)])
        with pytest.raises(FileRefused) as caught:
            parsed(broken)
        assert CANARY not in "".join(traceback.format_exception(caught.value))
        assert CANARY not in repr(caught.value) + repr(vars(caught.value))
    assert CANARY not in caplog.text


@each_sample
def test_bounds_are_kept(app, variant):
    one = sample(app, variant)

    assert refused(one, bounds=Bounds(most_seconds=0)) is Refusal.TOO_SLOW
    assert refused(one, bounds=Bounds(most_bytes=len(one.content) - 1)) is Refusal.TOO_LARGE
    assert refused(one, bounds=Bounds(most_line_bytes=10)) is Refusal.LINE_TOO_LONG
    assert refused(one.of([*one.lines, *[""] * 1100]), bounds=Bounds(most_rows=50)) is (
        Refusal.TOO_MANY_ROWS
    )


@settings(max_examples=60, deadline=None)
@given(data=st.data(), which=st.sampled_from(SAMPLES))
def test_no_file_makes_a_room_fail(data, which):
    one = sample(*which)
    content = bytearray(one.content)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 6))
        content[place : place + length] = data.draw(st.binary(max_size=4))
    one.provider.recognizes(bytes(content))
    try:
        file = parsed(one, content=bytes(content))
    except FileRefused:
        return
    rows_of(file)


@pytest.mark.parametrize("app", PROVIDERS)
def test_hostile_files_are_refused_or_read_in_part_in_time_and_in_little_memory(app):
    told = json.loads(_tried(app))

    expectations = {name: outcome for name, (_, outcome) in attacks(app).items()}
    outcomes = {name: one["outcome"] for name, one in told["attacks"].items()}
    wanted = {name: _as_json(outcome) for name, outcome in expectations.items()}
    assert {n: outcomes[n] for n in outcomes if wanted[n] is not None} == {
        n: one for n, one in wanted.items() if one is not None
    }
    slow = {
        name: one["seconds"]
        for name, one in told["attacks"].items()
        if one["seconds"] > MOST_SECONDS
    }
    assert not slow
    assert told["most_megabytes"] < MOST_MEGABYTES


def _as_json(outcome):
    if isinstance(outcome, tuple):
        standing, words, cut = outcome
        return [standing, sorted(words), cut]
    return outcome


def _tried(app):
    """Parse every attack in a process of its own: memory is measured there, and nothing else is."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract.trying_hostile", app],
        capture_output=True,
        timeout=150,
        check=True,
    )
    return done.stdout
