"""What every app's files keep to: what was measured, in any locale and order, whatever overlaps.

Nights in which clocks change are in `test_every_night_of_files.py`, broken files in
`test_every_bad_file.py`.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, permutations
from time import process_time

import pytest

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import check_frame, measurements_of
from ohx_pipelines.providers.base import Asked
from ohx_pipelines.providers.files.base import Choices
from ohx_pipelines.providers.files.source import NOT_SHARED, FileSource
from sandbox.files.truth import numbered
from tests.contract.exported import (
    NOW,
    PROVIDERS,
    ROWS,
    SAMPLE_IDS,
    SAMPLES,
    ZONE,
    any_row,
    at,
    expected,
    keys_and_values,
    parsed,
    pressure,
    rows_of,
    said,
    sample,
    separated,
    three_days,
    weight,
)
from tests.unit.made_up import FixedToken

each_sample = pytest.mark.parametrize(("app", "variant"), SAMPLES, ids=SAMPLE_IDS)


def everything(provider):
    shared = provider.facts.shareable
    return Asked(shared=shared, wanted=provider.facts.metrics_of(shared))


def test_every_app_of_the_registry_has_samples():
    assert {app for app, _ in SAMPLES} == PROVIDERS.keys()


@pytest.mark.parametrize("app", PROVIDERS)
def test_the_facts_hang_together(app):
    facts = PROVIDERS[app].facts
    names = [one.name for one in facts.data_types]

    assert (facts.name, facts.scopes, facts.limits, facts.notifications) == (app, (), (), ())
    assert not facts.pkce
    assert facts.least_scopes == frozenset()
    assert len(set(names)) == len(names)
    assert all(one.metrics and one.title and not one.scopes for one in facts.data_types)
    assert facts.most_days >= 1


@each_sample
def test_a_file_says_what_was_measured_and_is_read_whole(app, variant):
    one = sample(app, variant)
    file = parsed(one)

    check_frame(file.frame)
    assert said(file) == expected(one.rows)
    assert file.is_whole
    assert file.rows == len(one.rows)
    assert file.language == ("de" if "-de" in variant or variant == "de" else "en")


@each_sample
def test_what_a_file_says_is_of_the_facts(app, variant):
    file = parsed(sample(app, variant))
    facts = PROVIDERS[app].facts

    assert {row.metric for row in rows_of(file)} <= facts.metrics_of(facts.shareable)
    assert {row.device for row in rows_of(file)} - {None} == file.devices.keys()
    assert {one.day for one in rows_of(file)} <= {*file.days}


@each_sample
def test_a_file_is_known_by_its_own_app_and_by_no_other(app, variant):
    content = sample(app, variant).content

    assert [one for one in PROVIDERS if PROVIDERS[one].recognizes(content)] == [app]


@each_sample
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_encodings_and_line_ends_give_the_same(app, variant, encoding, end):
    one = sample(app, variant)
    content = end.join([*one.lines, ""]).encode(encoding)
    file = parsed(one, content=content)

    assert one.provider.recognizes(content)
    assert keys_and_values(file) == keys_and_values(parsed(one))
    assert file.is_whole


@each_sample
@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_separators_give_the_same(app, variant, separator):
    one = sample(app, variant)
    file = parsed(one, content=separated(one, separator))

    assert keys_and_values(file) == keys_and_values(parsed(one))
    assert file.separator == separator


def test_decimal_marks_and_date_orders_of_one_app_give_the_same():
    variants = ("pro-de-comma", "pro-de-point", "pro-en-dots", "pro-en-slashes")
    # Of glucose and oxygen each has columns of its own.
    rows = [row for row in ROWS if row.kind in {"weight", "pressure", "temperature"}]
    files = [keys_and_values(parsed(sample("beurer", variant, rows))) for variant in variants]

    assert len(files[0]) > 30
    assert all(one == files[0] for one in files[1:])


def test_languages_of_one_app_give_the_same_pressures():
    rows = [pressure(at(f"2026-{month:02d}-18"), device=None) for month in range(1, 12)]
    files = [keys_and_values(parsed(sample("omron_connect", one, rows))) for one in ("us", "de")]

    assert len(files[0]) > 30
    assert files[0] == files[1]


@each_sample
def test_the_order_of_rows_changes_nothing(app, variant):
    one = sample(app, variant)
    lines, places = one.lines, one.reading_lines
    turned = list(lines)
    # Within each table: a line that follows another by one belongs to the same.
    runs = [[places[0]]]
    for before, n in pairwise(places):
        runs.append([n]) if n - before > 1 else runs[-1].append(n)
    for run in runs:
        for n, other in zip(run, reversed(run), strict=True):
            turned[n] = lines[other]

    assert turned != lines
    assert keys_and_values(parsed(one.of(turned))) == keys_and_values(parsed(one))


@each_sample
def test_a_row_that_stands_there_twice_counts_once(app, variant):
    one = sample(app, variant)
    lines = one.lines
    first = one.reading_lines[0]
    twice = parsed(one.of([*lines[: first + 1], *lines[first:]]))

    assert keys_and_values(twice) == keys_and_values(parsed(one))
    assert sum(of_day.get("copy", 0) for of_day in twice.ignored.values()) == 1
    assert not twice.rejected


MINUTE = at("2026-03-16", "19:30")
# In each some values are equal, and the others are in no common order.
OF_ONE_MINUTE = {
    "equal diastolics": [
        pressure(MINUTE, sys, 80, pulse) for sys, pulse in [(133, 66), (127, 75), (130, 66)]
    ],
    "a mean that falls while pulses rise": [
        replace(one, values={**one.values, "map": Decimal(mean)})
        for one, mean in [(pressure(MINUTE, 130, 80, 60), 99), (pressure(MINUTE, 127, 80, 75), 97)]
    ],
    "a pulse that was not found": [
        pressure(MINUTE, 120, 80, 90),
        replace(
            one := pressure(MINUTE, 131, 80), values={n: one.values[n] for n in ("sys", "dia")}
        ),
    ],
    "equal masses": [
        replace(one, values={**one.values, "body_fat": Decimal(fat), "water": Decimal(water)})
        for one, fat, water in [(weight(MINUTE), "18.1", "55.0"), (weight(MINUTE), "17.9", "56.2")]
    ],
    "a weight that falls while fat rises": [
        replace(weight(MINUTE, "71.6")),
        replace(one := weight(MINUTE, "71.4"), values={**one.values, "body_fat": Decimal("18.3")}),
    ],
}


TOGETHER = [
    (app, variant, case)
    for app, variant in SAMPLES
    for case, rows in OF_ONE_MINUTE.items()
    if sample(app, variant, rows).rows
]


@pytest.mark.parametrize(("app", "variant", "case"), TOGETHER, ids=map(" ".join, TOGETHER))
def test_readings_of_one_minute_are_told_apart_as_the_sandbox_does(app, variant, case):
    rows = OF_ONE_MINUTE[case]
    written = [sample(app, variant, [*order]) for order in permutations(rows)]

    for one in written:
        assert said(parsed(one)) == expected(numbered(one.rows))


@each_sample
def test_files_that_overlap_agree_where_they_do(app, variant):
    rows = three_days(date(2026, 3, 14)) + three_days(date(2026, 3, 17))
    earlier = keys_and_values(parsed(sample(app, variant, rows[:8])))
    later = keys_and_values(parsed(sample(app, variant, rows[4:])))
    whole = keys_and_values(parsed(sample(app, variant, rows)))

    assert earlier.keys() & later.keys()
    assert {**earlier, **later} == whole
    assert all(earlier[key] == later[key] for key in earlier.keys() & later.keys())


@each_sample
def test_a_value_that_changed_keeps_its_key(app, variant):
    before, after = (
        keys_and_values(parsed(sample(app, variant, rows)))
        for rows in (
            [weight(at("2026-03-14")), pressure(at("2026-03-14"))],
            [weight(at("2026-03-14"), "73.3"), pressure(at("2026-03-14"), 140)],
        )
    )

    assert before.keys() == after.keys()
    assert before != after


@each_sample
def test_a_file_as_a_provider_gives_its_window_and_retracts_nothing(app, variant):
    one = sample(app, variant)
    file = parsed(one)
    source = FileSource(facts=one.provider.facts, parsed=file)
    window = Window(first_day=date(2026, 3, 15), last_day=date(2026, 3, 16), zone=ZONE)
    fetched = source.fetch(window, FixedToken("link-1"), asked=everything(one.provider))
    found = source.normalize(fetched)

    assert list(found.listed) == []
    assert fetched.calls == 0
    given = measurements_of(found.frame)
    # A file names models: a device is one patient's.
    models = {None: None} | {name: info.model for name, info in found.devices.items()}
    assert [replace(row, device=models[row.device]) for row in given] == [
        row for row in rows_of(file) if row.day in {*window.days}
    ]
    assert {*found.devices} == {row.device for row in measurements_of(found.frame)} - {None}


@each_sample
def test_what_is_not_shared_is_counted_and_not_given(app, variant):
    one = sample(app, variant)
    source = FileSource(facts=one.provider.facts, parsed=parsed(one))
    window = Window(first_day=date(2026, 3, 14), last_day=date(2026, 3, 17), zone=ZONE)
    nothing = replace(everything(one.provider), shared=frozenset())
    found = source.normalize(source.fetch(window, FixedToken("link-1"), asked=nothing))

    assert found.frame.empty
    counted = sum(of_day.get(NOT_SHARED, 0) for of_day in found.ignored.values())
    assert counted == len(rows_of(source.parsed))


@pytest.mark.parametrize("app", PROVIDERS)
def test_without_a_file_there_is_nothing_to_tell(app):
    source = FileSource(facts=PROVIDERS[app].facts)

    assert source.devices(None) == []
    assert not source.devices_named


@each_sample
def test_a_file_of_ten_years_is_read_in_time(app, variant):
    days = [date(2016, 11, 1) + timedelta(days=n) for n in range(3652)]
    one = sample(app, variant, [row for day in days for row in any_row(at(day))])
    begin = process_time()
    file = parsed(one)

    assert process_time() - begin < 30
    assert {row.day for row in rows_of(file)} == {*days}


@each_sample
def test_numbers_are_exact(app, variant):
    file = parsed(sample(app, variant))
    numbers = [row.value for row in rows_of(file) if not isinstance(row.value, bool)]

    assert all(type(number) is Decimal for number in numbers)
    # A float's digits are no measurement's.
    assert all(-number.as_tuple().exponent <= 3 for number in numbers)


@each_sample
def test_a_reading_after_now_is_left_out(app, variant):
    one = sample(app, variant, any_row(at("2026-11-27")) + any_row(at("2026-12-24")))
    file = PROVIDERS[app].parse(one.content, Choices(zone=ZONE, now=NOW))

    assert {note.word for note in file.rejected} == {"date_in_the_future"}
    assert {row.day for row in rows_of(file)} == {date(2026, 11, 27)}
