"""Whose Google's samples are: their devices and makers, and which of several sources counts.

Expectations come from the vendor's reference.
"""

import hashlib
from decimal import Decimal

import pytest

from ohx_pipelines.measurements import Metric, RecordingMethod
from tests.unit.providers.google_health.google_answers import (
    CHARGE,
    FROM_PHONE,
    TYPED_IN,
    ignored,
    named,
    read,
    sample,
    values,
)

MG = "bloodGlucoseMilligramsPerDeciliter"


def weight(number=None, grams=71350, *, source=CHARGE, **more):
    name = {} if number is None else {"name": named("weight", number)}
    return name | sample("weight", source=source, weightGrams=grams, **more)


def records(into):
    return sorted(one.record for one in into.measurements)


def test_a_device_is_known_by_its_name_within_the_account():
    into = read("weight", weight(1))

    (one,) = into.measurements
    # The account's word, a space and the name.
    assert one.device == hashlib.sha256(b"a-word-for-the-account Charge 6").hexdigest()[:32]
    assert into.devices[one.device].model == "Charge 6"
    assert into.devices[one.device].kind == "Activity Tracker"


@pytest.mark.parametrize("source", [TYPED_IN, CHARGE | {"recordingMethod": "MANUAL"}])
def test_what_somebody_typed_in_is_no_devices(source):
    into = read("weight", weight(1, source=source))

    (one,) = into.measurements
    assert (one.method, one.device, into.devices) == (RecordingMethod.MANUAL, None, {})


@pytest.mark.parametrize(
    "device", [None, {}, {"displayName": ""}, {"displayName": " "}, {"displayName": 7}, "x"]
)
def test_a_device_without_a_name_is_none(device):
    into = read("weight", weight(1, source=CHARGE | {"device": device}))

    assert [one.device for one in into.measurements] == [None]
    assert into.devices == {}


def test_a_device_of_unknown_kind_does_not_hide_what_another_point_says():
    scale = CHARGE | {"device": {"displayName": "Aria Air", "formFactor": "SCALE"}}
    silent = CHARGE | {"device": {"displayName": "Aria Air"}}

    for sources in ([scale, silent], [silent, scale]):
        into = read("weight", *(weight(n, 70000 + n, source=s) for n, s in enumerate(sources, 1)))
        assert [one.kind for one in into.devices.values()] == ["Scale"]


SILENT = {"recordingMethod": "PASSIVELY_MEASURED", "platform": "FITBIT"}


@pytest.mark.parametrize(
    ("listed", "counts"),
    [
        ([(1, FROM_PHONE), (2, CHARGE)], 2),
        ([(2, CHARGE), (1, FROM_PHONE)], 2),
        ([(1, FROM_PHONE), (2, SILENT)], 2),
        ([(1, SILENT), (2, CHARGE)], 2),
        ([(2, CHARGE), (1, CHARGE)], 1),
        ([(3, CHARGE | {"platform": "HEALTH_KIT"}), (4, TYPED_IN)], 4),
        ([(3, FROM_PHONE), (2, FROM_PHONE | {"platform": "HEALTH_KIT"})], 2),
    ],
)
def test_of_twins_from_several_sources_one_counts_by_its_source_then_its_id(listed, counts):
    into = read("weight", *(weight(number, source=source) for number, source in listed))

    assert records(into) == [f"weight-{counts}"]
    assert ignored(into) == {"other_source": 1}


@pytest.mark.parametrize(
    "other",
    [
        {"grams": 71360},
        {"at": "2026-11-20T06:11:22.501Z"},
        # Where it was another day already.
        {"offset": "64800s"},
    ],
)
def test_what_differs_in_instant_value_or_day_is_no_twin(other):
    if other.get("offset"):
        other = {"offset": "46800s", "at": "2026-11-20T12:00:00Z"}
        first = weight(1, at="2026-11-20T12:00:00Z")
    else:
        first = weight(1)

    into = read("weight", first, weight(2, source=FROM_PHONE, **other))

    assert records(into) == ["weight-1", "weight-2"]
    assert ignored(into) == {}


@pytest.mark.parametrize(
    ("listing", "member", "name", "of_phone", "of_scale", "are_one"),
    [
        ("weight", "weight", "weightGrams", "64099.99999999999", 64100, True),
        ("weight", "weight", "weightGrams", "64100.49", 64100, True),
        ("weight", "weight", "weightGrams", "64100.5", 64100, False),
        ("weight", "weight", "weightGrams", "64000", 64100, False),
        ("body_fat", "bodyFat", "percentage", "22.3999999", "22.4", True),
        ("body_fat", "bodyFat", "percentage", "22.41", "22.4", False),
        ("blood_glucose", "bloodGlucose", MG, "97.9999", 98, True),
        ("blood_glucose", "bloodGlucose", MG, "98.006", 98, False),
        (
            "core_body_temperature",
            "coreBodyTemperature",
            "temperatureCelsius",
            "36.5951",
            "36.6",
            True,
        ),
        (
            "core_body_temperature",
            "coreBodyTemperature",
            "temperatureCelsius",
            "36.59",
            "36.6",
            False,
        ),
    ],
)
def test_a_value_that_was_converted_on_the_way_is_the_same_taking(
    listing, member, name, of_phone, of_scale, are_one
):
    rows = [
        {"name": named(listing, number)} | sample(member, source=source, **{name: Decimal(value)})
        for number, source, value in ((1, FROM_PHONE, of_phone), (2, CHARGE, of_scale))
    ]

    for listed in (rows, rows[::-1]):
        into = read(listing, *listed)
        told = [one.value for one in into.measurements if one.record == f"{listing}-2"]
        # To the vendor's own last digit: it is compared alone that is rounded.
        assert told == [Decimal(of_scale)]
        assert records(into) == [f"{listing}-{n}" for n in ([2] if are_one else [1, 2])]
        assert ignored(into) == ({"other_source": 1} if are_one else {})


@pytest.mark.parametrize(
    ("listing", "member", "name"),
    [
        ("blood_glucose", "bloodGlucose", MG),
        ("core_body_temperature", "coreBodyTemperature", "temperatureCelsius"),
    ],
)
@pytest.mark.parametrize("better", [CHARGE, TYPED_IN])
def test_of_two_unlike_samples_of_an_instant_the_better_source_counts_in_any_order(
    listing, member, name, better
):
    rows = [
        sample(member, source=source, **{name: value})
        for source, value in ((better, Decimal("36.64")), (FROM_PHONE, Decimal("36.6")))
    ]

    for listed in (rows, rows[::-1]):
        into = read(listing, *listed)
        assert [one.value for one in into.measurements] == [Decimal("36.64")]
        assert ignored(into) == {"copy": 1}


def made_by(source):
    [device] = read("weight", weight(1, source=source)).devices.values()
    return device.model, device.manufacturer


def a_scale(name="BF 720", platform="HEALTH_CONNECT", **more):
    return {"platform": platform, "device": {"displayName": name, "formFactor": "SCALE", **more}}


@pytest.mark.parametrize(
    ("source", "maker"),
    [
        # None is the vendor, an empty text nobody knows.
        (CHARGE, None),
        (CHARGE | {"device": {"displayName": "Charge 6", "manufacturer": "Acme"}}, None),
        (a_scale(manufacturer="Beurer"), "Beurer"),
        (a_scale(manufacturer=" Beurer "), "Beurer"),
        (a_scale(platform="HEALTH_KIT", manufacturer="Beurer"), "Beurer"),
        (a_scale(), ""),
        (a_scale(manufacturer=7), ""),
        (a_scale(manufacturer="Be\x00urer"), ""),
        (a_scale(manufacturer="B" * 81), ""),
        (a_scale("Aria Air", manufacturer="Fitbit"), None),
        (a_scale("Pixel 9"), "Google"),
        (a_scale("Pixel Watch 4", platform="FITBIT"), "Google"),
        (a_scale("Google Pixel 9", manufacturer="google"), "Google"),
        (a_scale("My Pixel"), ""),
    ],
)
def test_who_made_a_device_is_told_by_its_name_or_by_others_platforms(source, maker):
    assert made_by(source) == (source["device"]["displayName"], maker)


def test_a_device_of_one_name_is_one_device_by_each_maker():
    sources = [
        a_scale(manufacturer="Beurer"),
        a_scale(manufacturer="Acme"),
        a_scale(),
        a_scale(platform="FITBIT"),
        a_scale(manufacturer="Fitbit"),
    ]
    into = read("weight", *(weight(n, 70000 + n, source=s) for n, s in enumerate(sources)))

    makers = sorted((one.manufacturer for one in into.devices.values()), key=str)
    assert makers == ["", "Acme", "Beurer", None]


@pytest.mark.parametrize("platform", ["FITBIT", "HEALTH_CONNECT"])
def test_googles_own_are_one_device_wherever_they_stand(platform):
    (one,) = read("weight", weight(1, source=a_scale("Pixel 9", platform))).measurements

    assert one.device == hashlib.sha256(b"a-word-for-the-account Pixel 9").hexdigest()[:32]


@pytest.mark.parametrize("name", ["Aria \ud800", "BF\x00720", "BF\x1b[31m", "x" * 81])
def test_a_name_that_no_ehr_could_take_is_no_device_and_costs_no_reading(name):
    into = read("weight", weight(1, 70000, source=a_scale(name)), weight(2))

    assert {one.record: one.device is None for one in into.measurements} == {
        "weight-1": True,
        "weight-2": False,
    }
    assert [one.model for one in into.devices.values()] == ["Charge 6"]


def test_a_name_is_one_line():
    assert made_by(a_scale(" BF\u00a0 720\n"))[0] == "BF 720"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"platform": "PIGEON_POST"}, {"unknown_platform": 1}),
        ({"recordingMethod": "GUESSED"}, {"unknown_recording_method": 1}),
        ({"platform": "PLATFORM_UNSPECIFIED", "recordingMethod": "UNKNOWN"}, {}),
    ],
)
def test_a_source_in_words_that_are_not_known_costs_no_reading(source, words):
    into = read("weight", weight(1, source=CHARGE | source))

    assert values(into) == {Metric.BODY_WEIGHT: (71350, "g")}
    assert ignored(into) == words
