"""Series as SampledData: text, times, thinning, and what is refused because no server does."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.fhir.building.sampled_data import sampled_data, thinned
from ohx_pipelines.measurements import Mark, Metric, Series
from tests.unit.fhir.readings import TAKEN, measurement, over, reading
from tests.unit.fhir.tables import changed

DAY = over("2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00")
# What FHIR R5 says that `data` and `offsets` are: numbers or E, L, U, between single spaces.
DATA = re.compile(r"\A(?:-?[0-9]+(?:\.[0-9]+)?|[ELU])(?: (?:-?[0-9]+(?:\.[0-9]+)?|[ELU]))*\Z")
MARKS = {"E": Mark.MISSING, "L": Mark.BELOW, "U": Mark.ABOVE}
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9)


def regular(text, *, seconds=60):
    return Series(samples=samples(text), interval_ms=Decimal(seconds * 1000))


def irregular(text, offsets):
    times = tuple(Decimal(one) * 1000 for one in offsets.split())
    return Series(samples=samples(text), offsets_ms=times)


def samples(text):
    return tuple(MARKS.get(one) or Decimal(one) for one in text.split())


@pytest.fixture
def written(build):
    """Give the `valueSampledData` of a heart rate series over a day."""

    def element(series, unit="/min", **changes):
        [resource] = build(reading("heart_rate_series", series, unit, **DAY | changes))
        return resource["valueSampledData"]

    return element


def test_a_regular_series_has_an_interval_and_no_offsets(written):
    element = written(regular("61 62 E 64 L 66 U"))

    assert (element["interval"], element["intervalUnit"]) == (60, "s")
    assert element["data"] == "61 62 E 64 L 66 U"
    assert element["dimensions"] == 1
    assert "offsets" not in element
    assert "factor" not in element


def test_an_irregular_series_has_offsets_from_the_start_and_no_interval(written):
    element = written(irregular("61 62 63 66", "0 5 20.000 65"))

    assert element["offsets"] == "0 5 20 65"
    assert element["intervalUnit"] == "s"
    assert "interval" not in element


def test_times_between_seconds_are_written_in_milliseconds(written):
    element = written(irregular("61 62", "0 0.25"))

    assert (element["offsets"], element["intervalUnit"]) == ("0 250", "ms")


def test_an_interval_without_end_is_written_with_as_many_digits_as_servers_take(written):
    endless = Decimal(1000) / 300

    regular_one = written(Series(samples=samples("61 62"), interval_ms=endless))
    irregular_one = written(Series(samples=samples("61 62"), offsets_ms=(Decimal(0), endless)))

    assert str(regular_one["interval"]) == "3.333333333"
    assert irregular_one["offsets"] == "0 3.333333333"


def test_a_power_of_ten_is_a_factor_and_leaves_the_vendors_digits_alone(build):
    strip = over("2026-11-20T07:31:02+01:00", "2026-11-20T07:31:32+01:00")
    series = regular("-120 88 1E+1 0.5", seconds=1)

    [in_microvolt] = build(reading("ecg_waveform", series, "uV", **strip))
    [in_millivolt] = build(reading("ecg_waveform", series, "mV", **strip))

    one, other = in_microvolt["valueSampledData"], in_millivolt["valueSampledData"]
    assert (one["factor"], one["data"]) == (Decimal("0.001"), "-120 88 10 0.5")
    assert (other.get("factor"), other["data"]) == (None, "-120 88 10 0.5")
    assert one["origin"]["code"] == other["origin"]["code"] == "mV"


def test_a_unit_with_another_way_converts_every_number_and_keeps_the_marks(build, mapping):
    unit = mapping.metrics[Metric.WORKOUT_DURATION].unit
    table = changed(mapping, Metric.HEART_RATE_SERIES, unit=unit)

    series = reading("heart_rate_series", regular("60 E 120"), "s", **DAY)
    [resource] = build(series, table=table)

    assert resource["valueSampledData"]["data"] == "1.0 E 2.0"
    assert "factor" not in resource["valueSampledData"]


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (regular("E E E"), "series_unfit"),
        # Two samples a day apart end with the day; a third is beyond it.
        (regular("61 62 63", seconds=24 * 3600), "series_unfit"),
        (irregular("61 62", "0 86401"), "series_unfit"),
        # FHIR allows a text of a million characters: 300,000 numbers of three digits have more.
        (
            Series(samples=(Decimal(100),) * 300_000, interval_ms=Decimal(1)),
            "series_too_long",
        ),
    ],
    ids=["nothing in it", "outlasts its day", "offset beyond its day", "too long"],
)
def test_a_series_that_no_server_would_refuse_is_refused_here(build_all, series, reason):
    built = build_all(
        reading("heart_rate_series", series, "/min", **DAY),
        measurement("body_weight", "70", "kg"),
    )

    assert built.left_out == {TAKEN.date(): {reason: 1}}
    assert len(built.desired) == 1


def test_a_series_without_a_period_is_left_out(build_all):
    built = build_all(reading("heart_rate_series", regular("61 62"), "/min"))

    assert built.left_out == {TAKEN.date(): {"period_unfit": 1}}


def test_a_site_may_thin_a_series_to_the_first_reading_of_each_bucket(build, mapping):
    table = changed(mapping, Metric.HEART_RATE_SERIES, resolution_seconds=180)
    series = regular("60 90 91 62 92 93 64")

    [resource] = build(reading("heart_rate_series", series, "/min", **DAY), table=table)

    element = resource["valueSampledData"]
    assert (element["interval"], element["data"]) == (180, "60 62 64")


@pytest.mark.parametrize(
    ("series", "kept"),
    [
        # A bucket without a reading stays visible, and the others keep their times.
        (regular("60 1 2 E E E 64"), regular("60 E 64", seconds=180)),
        # The first reading of a bucket is not at its start: it keeps its own time.
        (regular("60 1 2 E 70 3 64"), irregular("60 70 64", "0 240 360")),
        (regular("E E 62 63"), irregular("62 63", "120 180")),
        (irregular("60 61 62 63", "0 5 179 180"), irregular("60 63", "0 180")),
        (irregular("E 61 62", "0 5 400"), irregular("61 62", "5 400")),
        # Coarser than asked for, or just as coarse: nothing to thin.
        (regular("60 E 62", seconds=180), regular("60 E 62", seconds=180)),
        (regular("60 61", seconds=600), regular("60 61", seconds=600)),
        # Neither a limit mark is dropped for a later number.
        (regular("L 61 62 U 64"), regular("L U", seconds=180)),
    ],
)
def test_thinning_invents_no_value_and_moves_none_in_time(series, kept):
    assert thinned(series, 180) == kept


def test_thinning_is_a_sites_choice_and_nothing_is_thinned_without():
    assert thinned(regular("60 61 62"), None) == regular("60 61 62")


@given(
    numbers=st.lists(st.one_of(NUMBERS, st.sampled_from(Mark)), min_size=1, max_size=60),
    resolution=st.integers(min_value=1, max_value=600),
)
def test_whatever_is_thinned_was_there_at_that_time(numbers, resolution):
    series = Series(samples=(Decimal(1), *numbers), interval_ms=Decimal(7000))

    kept = thinned(series, resolution)

    assert set(timed(kept)) <= set(timed(series))
    buckets = [time // (resolution * 1000) for time, _ in timed(kept)]
    assert buckets == sorted({time // (resolution * 1000) for time, _ in timed(series)})


def timed(series):
    """Give each reading with its time in milliseconds; a missing sample is none."""
    times = series.offsets_ms or [n * series.interval_ms for n in range(len(series.samples))]
    pairs = zip(times, series.samples, strict=True)
    return [(time, sample) for time, sample in pairs if sample is not Mark.MISSING]


@given(numbers=st.lists(st.one_of(NUMBERS, st.sampled_from(Mark)), min_size=1, max_size=40))
def test_the_text_reads_back_as_the_very_samples(numbers):
    series = Series(samples=tuple(numbers), interval_ms=Decimal(1000))

    text = sampled_data(series, origin={}, factor=Decimal(1))["data"]

    assert DATA.match(text)
    read = [MARKS.get(one) or Decimal(one) for one in text.split(" ")]
    assert [str(one) for one in read if isinstance(one, Mark)] == [
        str(one) for one in numbers if isinstance(one, Mark)
    ]
    assert [one == other for one, other in zip(read, numbers, strict=True)] == [True] * len(read)


def test_a_reading_for_every_second_of_a_day_fits(written):
    beats = Series(samples=(Decimal(61),) * 86_400, interval_ms=Decimal(1000))

    assert written(beats)["data"].count(" ") == 86_399
