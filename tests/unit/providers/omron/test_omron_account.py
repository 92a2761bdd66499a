"""What OMRON says of an account, by the readings of its last days; and what a deployment declares."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from ohx_pipelines.errors import AuthLost, RateLimited, VendorRejected
from ohx_pipelines.providers.base import Limit
from ohx_pipelines.providers.omron import OMRON
from tests.unit.providers.omron.omron_answers import CUFF, SCALE, at, read
from tests.unit.providers.omron.tiny_omron import JSON, Token, measured, ok, tiny_omron

TYPES = "bloodpressure weight"


@pytest.fixture
def site():
    with tiny_omron() as one:
        yield one


def on(local, **changes):
    return at(local) | changes


def test_the_last_thirty_days_name_devices_and_the_last_reading(site):
    site.will_answer(
        measured("weight", SCALE | on("2026-11-18T07:00:00")),
        measured(
            "bloodPressure",
            CUFF | on("2026-11-19T07:00:00"),
            CUFF | on("2026-11-20T23:59:00", id=2),
            CUFF | on("2026-11-20T08:00:00", id=3, isManualEntry=True, deviceType="BP1"),
        ),
    )
    before = datetime.now(UTC).date()

    account = site.provider(types=TYPES).account(Token())

    assert account.zone is None
    assert account.last_reading == date(2026, 11, 20)
    assert {(one.model, one.kind, one.last_used) for one in account.devices} == {
        ("HBF-702T", "Scale", date(2026, 11, 18)),
        ("HEM-7361T", "Blood Pressure Monitor", date(2026, 11, 20)),
    }
    assert [form["type"] for form in site.forms] == ["weight", "bloodpressure"]
    days = [date.fromisoformat(form["since"]) for form in site.forms]
    assert all(timedelta(days=29) <= before - day <= timedelta(days=30) for day in days)


def test_an_account_without_readings_has_neither(site):
    site.will_answer(measured("weight"), measured("bloodPressure"))

    account = site.provider(types=TYPES).account(Token())

    assert (account.devices, account.last_reading) == ((), None)


def test_rows_that_say_not_when_they_were_say_nothing_of_the_account(site):
    site.will_answer(measured("weight", SCALE | on("?"), "row", None))

    account = site.provider(types="weight").account(Token())

    assert (account.devices, account.last_reading) == ((), None)


def test_what_was_not_granted_is_not_asked_for(site):
    site.will_answer(measured("bloodPressure"))

    site.provider(types=TYPES).account(Token("bloodpressure", "openid"))

    assert [form["type"] for form in site.forms] == ["bloodpressure"]


def test_a_refusal_is_no_account_without_readings(site):
    site.will_answer((400, {}, JSON))

    with pytest.raises(VendorRejected):
        site.provider(types="weight").account(Token())


def test_devices_are_those_that_readings_refer_to(site):
    site.will_answer(measured("bloodPressure", CUFF, CUFF | {"id": 2}))

    (device,) = site.provider(types="bloodpressure").devices(Token())

    assert device.model == "HEM-7361T"
    # Readings are read for another account here: a device of one model, and not the same.
    assert device.device not in read("bloodpressure", CUFF).devices


def test_a_contract_declares_its_types_alone(site):
    facts = site.provider(types="bloodpressure temperature", calls_per_minute=33).facts

    assert set(facts.scopes) == {"bloodpressure", "temperature", "openid", "offline_access"}
    assert facts.shareable == {"blood_pressure", "temperature"}
    assert facts.limits == (Limit(calls=33, seconds=60, per="application"),)
    (kind,) = facts.notifications
    assert (kind.name, kind.data_types) == ("upload", {"blood_pressure", "temperature"})


@pytest.mark.parametrize(
    "types",
    ["weight glucose", "bloodpresure", "", " ", "weight weight", "weight weight:other", "weight:",
     ":weight", "Weight", "weight,activity", 'weight:a"b', "body:weight"],
    ids=repr,
)  # fmt: skip
def test_a_type_that_nobody_knows_is_refused_at_the_start(site, types):
    with pytest.raises(ValidationError, match="bloodpressure, activity, weight") as caught:
        site.settings(types=types)

    (error,) = caught.value.errors()
    assert error["loc"] == ("types",)
    assert not types.strip() or types not in error["msg"]


def test_a_contract_may_word_a_scope_otherwise(site):
    provider = site.provider(types="bloodpressure weight:body.weight/read")
    site.will_answer(measured("weight", SCALE), measured("bloodPressure"))

    assert set(provider.facts.scopes) == {
        "bloodpressure", "body.weight/read", "openid", "offline_access",
    }  # fmt: skip
    assert [one.name for one in provider.facts.allowed_by({"body.weight/read"})] == ["body"]
    assert [one.name for one in provider.facts.allowed_by({"weight"})] == []
    granted = Token("body.weight/read", "bloodpressure")
    assert [one.model for one in provider.devices(granted)] == ["HBF-702T"]
    assert [form["type"] for form in site.forms] == ["weight", "bloodpressure"]


def test_a_word_for_several_types_is_asked_for_once(site):
    facts = site.provider(types="weight:body activity:body").facts

    assert facts.scopes == ("body", "openid", "offline_access")
    assert {one.name for one in facts.allowed_by({"body"})} == {"body", "activity"}


def test_a_listing_that_cannot_be_had_costs_itself_alone(site):
    site.will_answer(
        ok({"status": 5, "reason": "type not supported"}),
        measured("bloodPressure", CUFF | on("2026-11-19T07:00:00")),
        measured("walking", {"id": 1}),
        (400, {}, JSON),
        measured("oxygen"),
    )

    account = site.provider(types="bloodpressure weight activity temperature oxygen").account(
        Token()
    )

    assert account.last_reading == date(2026, 11, 19)
    assert [one.model for one in account.devices] == ["HEM-7361T"]
    assert len(site.asked) == 5


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([(401, b"", {}), (401, b"", {})], AuthLost),
        ([(429, {}, JSON)], RateLimited),
        ([measured("weight"), (401, b"", {}), (401, b"", {})], AuthLost),
        ([measured("weight"), (429, {}, JSON)], RateLimited),
    ],
    ids=["permission_lost", "pause", "permission_lost_later", "pause_later"],
)
def test_what_is_true_of_every_listing_ends_the_asking(site, answers, error):
    site.will_answer(*answers)

    with pytest.raises(error):
        site.provider(types=TYPES).account(Token())

    assert len(site.asked) == len(answers)


def test_devices_of_what_is_not_shared_are_not_asked_for(site):
    site.will_answer(measured("bloodPressure", CUFF))

    devices = site.provider().devices(Token(), shared=frozenset({"blood_pressure", "oxygen"}))

    assert [one.model for one in devices] == ["HEM-7361T"]
    assert [form["type"] for form in site.forms] == ["bloodpressure"]


def test_of_an_account_that_shares_nothing_no_device_is_asked_for(site):
    assert site.provider().devices(Token(), shared=frozenset()) == []
    assert site.asked == []


def test_a_night_reads_a_week_again_because_phones_upload_late():
    assert OMRON.facts.look_back_days == 7


def test_the_registry_is_told_of_everything():
    facts = OMRON.facts

    assert (facts.name, facts.title, facts.manufacturer) == ("omron", "OMRON", "OMRON Healthcare")
    assert facts.shareable == {"blood_pressure", "body", "activity", "temperature", "oxygen"}
    assert set(facts.scopes) == {
        "bloodpressure", "activity", "weight", "temperature", "oxygen", "openid", "offline_access",
    }  # fmt: skip
    assert facts.least_scopes == {"openid", "offline_access"}
    assert (facts.pkce, facts.most_days) == (True, 366)
    assert [kind.data_types for kind in facts.notifications] == [facts.shareable]


def test_each_data_type_needs_the_scope_of_its_type():
    scopes = {one.name: one.scopes for one in OMRON.facts.data_types}

    assert scopes == {
        "blood_pressure": {"bloodpressure"},
        "body": {"weight"},
        "activity": {"activity"},
        "temperature": {"temperature"},
        "oxygen": {"oxygen"},
    }
