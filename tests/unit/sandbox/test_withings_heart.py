"""ECGs and their measures as the sandbox vendor lists them, and every type of measure."""

import pytest

from tests.unit.sandbox.listing_parts import (
    AROHA,
    ASTRID,
    DAY,
    JOAO,
    MARCUS,
    NOON,
    PRIYA,
    SCOPES,
    WANJIRU,
    asking,
)
from tests.unit.sandbox.world_parts import Sandbox

BPM_CORE = 44
# The fact sheet's table of types.
TYPES = {
    1, 4, 5, 6, 8, 9, 10, 11, 12, 54, 71, 73, 76, 77, 88, 91, 123, 130, 135, 136, 137, 138, 139, 155,
    158, 159, 167, 168, 169, 170, 173, 174, 175, 196, 197, 198, 226, 227, 229,
}  # fmt: skip


def groups(one, days=60):
    asked = {"startdate": NOON - days * DAY, "enddate": NOON, "category": 1}
    pages = one.sandbox.every_group(one.token, **asked)
    return [group for page in pages for group in page]


def kinds(group):
    return {measure["type"] for measure in group["measures"]}


def test_every_type_of_measure_occurs():
    everybodys = [group for person in range(6) for group in groups(asking(person))]
    assert {kind for group in everybodys for kind in kinds(group)} == TYPES


@pytest.mark.parametrize(
    ("person", "model"), [(ASTRID, 94), (MARCUS, 93), (AROHA, 44), (JOAO, 94), (WANJIRU, 91)]
)
def test_ecgs_are_listed_by_model_and_window(person, model):
    one = asking(person)
    found = one.ecgs()
    assert {row["model"] for row in found} == {model}
    assert all(NOON - 30 * DAY <= row["timestamp"] <= NOON for row in found)
    at = found[3]["timestamp"]
    assert [r["timestamp"] for r in one.ecgs(startdate=at, enddate=at)] == [at]


def test_who_has_nothing_that_takes_an_ecg_has_none():
    assert asking(PRIYA).ecgs() == []


def test_each_of_the_three_findings_occurs():
    found = {row["ecg"]["afib"] for row in asking(ASTRID).ecgs(startdate=NOON - 90 * DAY)}
    assert found == {0, 1, 2}


@pytest.mark.parametrize(
    ("person", "hertz", "samples"),
    [(ASTRID, 300, 9_000), (WANJIRU, 300, 9_000), (AROHA, 500, 10_000)],
)
def test_a_signal_is_microvolts_of_a_rate(person, hertz, samples):
    one = asking(person)
    row = next(row for row in one.ecgs() if "ecg" in row)
    body = one.signal(row["ecg"]["signalid"])
    assert body["sampling_frequency"] == hertz
    assert len(body["signal"]) == samples
    assert all(type(value) is int for value in body["signal"])
    assert 700 < max(body["signal"]) < 1_200
    assert body["heart_rate"] == {"value": row["heart_rate"], "date": row["timestamp"]}
    assert body["model"] == row["model"]
    # As many spikes as the heart beats in that time.
    peaks = sum(
        one > 800 and one >= max(body["signal"][max(0, n - 20) : n + 20])
        for n, one in enumerate(body["signal"])
    )
    assert abs(peaks - row["heart_rate"] * samples / hertz / 60) <= 3


def test_a_cuff_that_takes_ecgs_lists_pressures_with_and_without_one():
    one = asking(AROHA)
    rows = one.ecgs()
    assert {"ecg" in row for row in rows} == {True, False}
    pressures = {g["date"]: g for g in groups(one) if g["modelid"] == BPM_CORE}
    for row in rows:
        assert row["bloodpressure"].keys() == {"systole", "diastole"}
        assert ("stetho" in row) == ("ecg" in row)
        repeated = {m["type"]: m["value"] for m in pressures[row["timestamp"]]["measures"]}
        assert repeated[10] == row["bloodpressure"]["systole"]
        assert repeated[9] == row["bloodpressure"]["diastole"]


def test_what_a_watch_finds_in_an_ecg_is_among_the_measures_within_a_minute():
    one = asking(ASTRID)
    found = [g for g in groups(one, 30) if kinds(g) & {130, 135}]
    ecgs = {row["timestamp"] for row in one.ecgs()}
    for at in ecgs:
        near = [g for g in found if abs(g["date"] - at) <= 60]
        assert {130, 135, 136, 137, 138} == set().union(*map(kinds, near))


def test_some_words_about_a_rhythm_stand_alone_and_one_is_nobodys():
    one = asking(MARCUS)
    ecgs = {row["timestamp"] for row in one.ecgs(startdate=NOON - 60 * DAY)}
    alone = [
        measure["value"]
        for group in groups(one)
        for measure in group["measures"]
        if measure["type"] == 130 and not any(abs(group["date"] - at) <= 60 for at in ecgs)
    ]
    assert {*range(14), 99} == set(alone)


def test_more_is_true_or_false():
    one = asking(ASTRID)
    one.sandbox.order("/withings/settings", page_size=5)
    asked = {"startdate": NOON - 30 * DAY, "enddate": NOON}
    body = one.call("/v2/heart", "list", **asked)
    assert (body["more"], body["offset"]) == (True, 5)
    assert len({row["timestamp"] for row in one.ecgs()}) == len(one.ecgs()) > 5


def test_an_ecg_of_somebody_else_is_unknown():
    one = asking(ASTRID)
    number = one.ecgs()[0]["ecg"]["signalid"]
    other = one.sandbox.tokens(MARCUS, scope=SCOPES)["access_token"]
    for token, asked in (
        (other, {"signalid": number}),
        (one.token, {"signalid": 1}),
        (one.token, {}),
    ):
        assert one.sandbox.call("/v2/heart", "get", token=token, **asked)["status"] == 503


def test_without_the_scope_for_metrics_no_ecg_is_listed():
    sandbox = Sandbox(data="all")
    token = sandbox.tokens(scope="user.activity")["access_token"]
    for action in ("list", "get"):
        assert sandbox.call("/v2/heart", action, token=token)["status"] == 2553


def test_the_device_list_names_what_rows_carry():
    for person in range(6):
        one = asking(person)
        devices = one.call("/v2/user", "getdevice")["devices"]
        listed = {device["hash_deviceid"]: device["model_id"] for device in devices}
        assert len(listed) == len(devices)
        for row in one.ecgs():
            assert listed[row["deviceid"]] == row["model"]
        for row in one.nights():
            assert row["hash_deviceid"] is None or listed[row["hash_deviceid"]] == row["model_id"]
        for row in one.workouts():
            assert row["deviceid"] is None or listed[row["deviceid"]] == row["model"]
        for group in groups(one, 20):
            assert group["deviceid"] is None or listed[group["deviceid"]] == group["modelid"]
