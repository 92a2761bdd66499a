"""A Google Health account as its owner knows it: zone, devices, when one of them last synced."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from tenacity import wait_none

from ohx_pipelines.errors import Malformed, ScopeMissing, VendorDown
from ohx_pipelines.providers import tries
from ohx_pipelines.providers.google_health import device_names
from ohx_pipelines.providers.google_health.account import read_account, read_devices
from tests.unit.providers.google_health.tiny_google import (
    SCOPES,
    Token,
    ok,
    refused,
    tiny_google,
)

MAC_ADDRESS = "0A1B2C" + "3D4E5F"
CHARGE = {
    "name": "users/me/pairedDevices/2481003377",
    "deviceType": "TRACKER",
    "deviceVersion": "Charge 6",
    "batteryStatus": "High",
    "batteryLevel": 92,
    "lastSyncTime": "2026-11-20T08:02:44Z",
    "macAddress": MAC_ADDRESS,
    "features": ["SLEEP", "HEART_RATE"],
}
ARIA = CHARGE | {"deviceType": "SCALE", "deviceVersion": "Aria Air"}
KOLKATA = {"name": "users/me/settings", "timeZone": "Asia/Kolkata", "utcOffset": "19800s"}


@pytest.fixture
def google(monkeypatch):
    monkeypatch.setattr(tries, "_backoff", wait_none())
    with tiny_google() as site:
        yield site


def account_of(google, settings, *rows):
    google.will_answer(ok(settings), ok({"pairedDevices": list(rows)} if rows else {}))
    return read_account(google.client(), Token())


def devices_of(google, *rows, token=None):
    google.will_answer(ok({"pairedDevices": list(rows)}))
    return read_devices(google.client(), token or Token())


def test_an_account_is_its_zone_its_devices_and_the_day_of_its_last_sync(google):
    # 19:30 UTC is past midnight in Kolkata.
    account = account_of(
        google, KOLKATA, CHARGE, ARIA | {"lastSyncTime": "2026-11-20T19:30:00.123456789Z"}
    )

    assert account.zone == ZoneInfo("Asia/Kolkata")
    assert account.last_reading == date(2026, 11, 21)
    assert [(one.model, one.kind) for one in account.devices] == [
        ("Charge 6", "Activity Tracker"),
        ("Aria Air", "Scale"),
    ]
    assert [(one.method, one.path, one.query) for one in google.asked] == [
        ("GET", "/v4/users/me/settings", {}),
        ("GET", "/v4/users/me/pairedDevices", {"pageSize": "100"}),
    ]


def test_an_account_without_a_device_has_a_zone_and_no_last_reading(google):
    account = account_of(google, KOLKATA)

    assert (account.zone, account.devices, account.last_reading) == (
        ZoneInfo("Asia/Kolkata"),
        (),
        None,
    )


@pytest.mark.parametrize(
    "name", [None, "", "Mars/Olympus", 7, "../../etc/passwd", "/etc/localtime", "UTC\0", ["UTC"]]
)
def test_an_account_without_a_usable_zone_is_malformed_and_not_utc(google, name):
    google.will_answer(ok({"timeZone": name, "utcOffset": "3600s"}))

    with pytest.raises(Malformed):
        read_account(google.client(), Token())


@pytest.mark.parametrize(
    "at",
    [None, "", "yesterday", 1763625764, "2026-11-20T08:02:44", "1970-01-01T00:00:00Z",
     "0001-01-01T00:00:00Z"],
)  # fmt: skip
def test_a_sync_that_cannot_be_read_is_none(google, at):
    account = account_of(google, KOLKATA, CHARGE | {"lastSyncTime": at})

    assert account.last_reading is None
    assert [one.last_used for one in account.devices] == [None]


def test_an_unreadable_sync_of_one_device_hides_not_the_others(google):
    account = account_of(google, KOLKATA, ARIA | {"lastSyncTime": "never"}, CHARGE)

    assert account.last_reading == date(2026, 11, 20)


def device_id(account, name):
    return device_names.device_id(account, name, maker=None)


def test_a_device_has_the_id_that_readings_of_its_name_have_and_no_number_of_its_own(google):
    [device] = devices_of(google, CHARGE)

    assert device.device == device_id("link-1", "Charge 6")
    assert (device.model, device.kind, device.firmware) == ("Charge 6", "Activity Tracker", None)
    assert device.last_used == date(2026, 11, 20)
    assert not any(word in repr(device) for word in ("2481003377", MAC_ADDRESS))


@pytest.mark.parametrize(("first", "second"), [(18, 20), (20, 18)])
def test_two_of_one_model_are_one_that_was_used_when_either_was(google, first, second):
    rows = [CHARGE | {"lastSyncTime": f"2026-11-{day}T08:00:00Z"} for day in (first, second)]

    [device] = devices_of(google, *rows)

    assert device.last_used == date(2026, 11, 20)


def test_a_name_is_the_same_with_blanks_around_it(google):
    [device] = devices_of(google, CHARGE | {"deviceVersion": " Charge 6 "}, CHARGE)

    assert (device.device, device.model) == (device_id("link-1", "Charge 6"), "Charge 6")


def test_rows_without_a_name_are_left_out(google):
    unnamed = {name: value for name, value in CHARGE.items() if name != "deviceVersion"}
    odd = [CHARGE | {"deviceVersion": name} for name in (None, "", "  ", 6, ["Charge 6"])]

    assert [one.model for one in devices_of(google, unnamed, *odd, None, "row", ARIA)] == [
        "Aria Air"
    ]


@pytest.mark.parametrize("name", ["Aria \ud800", "Charge\x006", "Charge\x1b[31m", "x" * 81])
def test_a_name_that_no_ehr_could_take_is_none_and_costs_no_other_device(google, name):
    rows = [CHARGE | {"deviceVersion": name}, ARIA, CHARGE | {"deviceVersion": "y" * 80}]

    assert [one.model for one in devices_of(google, *rows)] == ["Aria Air", "y" * 80]


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("Charge 6", None),
        ("Pixel Watch 4", "Google"),
        ("Google Pixel 9", "Google"),
        ("A Pixel", None),
    ],
)
def test_who_made_a_paired_device_is_told_by_its_name(google, name, maker):
    [device] = devices_of(google, CHARGE | {"deviceVersion": name})

    # None is the vendor itself.
    assert device.manufacturer == maker
    assert device.device == device_names.device_id("link-1", name, maker=maker)


@pytest.mark.parametrize("kind", [None, "", 7, "DEVICE_TYPE_UNSPECIFIED", "free text of somebody"])
def test_a_device_that_does_not_say_its_kind_is_something_worn(google, kind):
    [device] = devices_of(google, CHARGE | {"deviceType": kind})

    assert device.kind == "Activity Tracker"


def test_a_kind_that_came_later_is_something_worn(google):
    [device] = devices_of(google, CHARGE | {"deviceType": "EARRING"})

    assert device.kind == "Activity Tracker"


def test_every_page_of_devices_is_read(google):
    google.will_answer(
        ok({"pairedDevices": [CHARGE], "nextPageToken": "t1"}), ok({"pairedDevices": [ARIA]})
    )

    devices = read_devices(google.client(), Token())

    assert [one.model for one in devices] == ["Charge 6", "Aria Air"]
    assert google.asked[1].query == {"pageSize": "100", "pageToken": "t1"}


def test_devices_that_cannot_be_asked_for_are_a_failure_and_not_none(google):
    google.will_answer(ok(KOLKATA), *[refused(503)] * 3)

    with pytest.raises(VendorDown):
        read_account(google.client(), Token())


def test_without_the_scope_of_settings_there_is_neither_zone_nor_device(google):
    token = Token(SCOPES["A"], SCOPES["H"])

    for read in (read_account, read_devices):
        with pytest.raises(ScopeMissing):
            read(google.client(), token)
    assert google.asked == []


def test_a_devices_id_is_of_one_link_and_one_name_and_tells_neither():
    # The first 32 hexadecimal digits of SHA-256 over "link-1 Charge 6", by `sha256sum`.
    assert device_id("link-1", "Charge 6") == "408881f20787ade6a6fd35d73b3ccbc6"
    assert device_id("link-2", "Charge 6") != device_id("link-1", "Charge 6")
    assert device_id("link-1", "Charge 5") != device_id("link-1", "Charge 6")
    assert len(device_id("", "")) == 32
