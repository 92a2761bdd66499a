"""A parsed file is a Provider: windows of it, what is shared, its devices, and nothing ever deleted."""

from datetime import date
from decimal import Decimal

import pytest

from ohx_pipelines.errors import VendorRejected
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, RecordingMethod, check_frame
from ohx_pipelines.providers.base import Asked, DataType, DeviceInfo, ProviderFacts
from ohx_pipelines.providers.files.source import FileSource
from tests.unit.made_up import FixedToken
from tests.unit.providers.files.reading import BERLIN, at, findings, parsed, take, weight

BODY, PRESSURE = frozenset({Metric.BODY_WEIGHT}), frozenset({Metric.HEART_RATE})
FACTS = ProviderFacts(
    name="made_up",
    title="Made up",
    manufacturer="Nobody",
    scopes=(),
    data_types=(
        DataType(name="body", title="Weight", metrics=BODY),
        DataType(name="pressure", title="Pulse", metrics=PRESSURE),
    ),
    pkce=False,
    most_days=92,
)
SCALE = DeviceInfo(device="HBF-702T", model="HBF-702T", kind="Scale")
CUFF = DeviceInfo(device="HEM-7361T", model="HEM-7361T", kind="Blood Pressure Monitor")
MARCH = [date(2026, 3, n) for n in (10, 11, 12, 13)]
ALL = frozenset({"body", "pressure"})


@pytest.fixture
def source():
    into = findings()
    for n, day in enumerate(MARCH):
        moment = at(f"{day} 07:52")
        take(into, weight(70 + n), moment=moment, method=RecordingMethod.DEVICE, device=SCALE)
        pulse = {Metric.HEART_RATE: (Decimal(60 + n), "/min")}
        take(
            into, pulse, moment=moment, kind="pressure", device=CUFF, method=RecordingMethod.DEVICE
        )
        into.ignore(moment, "not_mapped", n + 1)
        into.reject(n, "implausible", metric=Metric.HEART_RATE, kind="pressure", moment=moment)
        into.reject(n, "cells_missing", kind="weight", moment=moment)
    return FileSource(facts=FACTS, parsed=parsed(into))


def read(source, first=MARCH[1], last=MARCH[2], shared=ALL):
    window = Window(first_day=first, last_day=last, zone=BERLIN)
    asked = Asked(shared=shared, wanted=BODY | PRESSURE)
    return source.normalize(source.fetch(window, FixedToken("link-1"), asked=asked))


def test_a_window_holds_its_days_and_no_others(source):
    result = read(source)

    check_frame(result.frame)
    assert list(result.frame.index) == [0, 1, 2, 3]
    assert set(result.frame["day"]) == set(MARCH[1:3])
    assert set(result.frame["value"]) == {Decimal(n) for n in (71, 72, 61, 62)}
    assert result.ignored == {MARCH[1]: {"not_mapped": 2}, MARCH[2]: {"not_mapped": 3}}
    assert {one.day for one in result.unpublished} == set(MARCH[1:3])


def test_a_window_before_the_file_is_empty(source):
    result = read(source, date(2026, 3, 1), date(2026, 3, 5))

    check_frame(result.frame)
    assert result.frame.empty
    assert (result.ignored, result.devices, list(result.unpublished)) == ({}, {}, [])


def test_what_is_not_shared_is_counted_and_does_not_leave_the_file(source):
    result = read(source, shared=frozenset({"body"}))

    assert set(result.frame["metric"]) == BODY
    assert result.ignored[MARCH[1]] == {"not_mapped": 2, "not_shared": 1}
    assert {one.metric for one in result.unpublished} == {None}
    assert [one.model for one in result.devices.values()] == ["HBF-702T"]


def test_nothing_shared_gives_nothing(source):
    result = read(source, shared=frozenset())

    assert result.frame.empty
    assert result.devices == {}


def test_counting_what_is_not_shared_leaves_the_file_as_it_was(source):
    read(source, shared=frozenset())

    assert read(source).ignored[MARCH[1]] == {"not_mapped": 2}


def test_every_device_of_a_windows_readings_is_described(source):
    described = read(source).devices
    assert [one.model for one in described.values()] == [SCALE.model, CUFF.model]
    assert set(described) == {*read(source).frame["device"]} - {None}
    assert source.devices(FixedToken("link-1")) == [*described.values()]


def test_a_model_is_another_device_for_another_patient(source):
    ada, ben = (source.devices(FixedToken(link)) for link in ("link-1", "link-2"))

    assert [one.model for one in ada] == [one.model for one in ben]
    assert {one.device for one in ada}.isdisjoint(one.device for one in ben)
    assert source.devices_named


def test_a_file_says_nothing_of_what_was_deleted(source):
    assert read(source).listed == ()


def test_a_file_asks_nobody(source):
    window = Window(first_day=MARCH[0], last_day=MARCH[0], zone=BERLIN)
    fetched = source.fetch(window, FixedToken("link-1"), asked=Asked(shared=ALL, wanted=BODY))

    assert (fetched.calls, fetched.pages, fetched.failures) == (0, (), ())


def test_without_a_file_nothing_is_read_and_its_end_is_done_at_once():
    source = FileSource(facts=FACTS)
    window = Window(first_day=MARCH[0], last_day=MARCH[0], zone=BERLIN)

    with pytest.raises(VendorRejected):
        source.fetch(window, FixedToken("link-1"), asked=Asked(shared=ALL, wanted=BODY))
    assert source.devices(FixedToken("link-1")) == []
    assert not source.devices_named
    source.revoke(user="anybody", refresh_token=None)


def test_no_reading_is_in_what_is_told_of_a_source(source):
    assert "HBF" not in repr(source)
    assert str(MARCH[1]) not in repr(source)
