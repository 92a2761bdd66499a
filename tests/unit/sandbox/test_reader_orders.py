"""What the reader is asked over the control endpoint: whose, which days, and how much is given."""

from types import SimpleNamespace

import pytest
from flask import Flask

from sandbox.clock import Clock
from sandbox.control_input import WrongRequest
from sandbox.control_reader import ReaderOrders
from tests.unit.sandbox import google_parts
from tests.unit.sandbox.ehr_parts import running_ehr
from tests.unit.sandbox.reader_parts import ANNA, BERT, group
from tests.unit.sandbox.row_parts import activity, epoch, night, segment, utc

STAGES = {601: [segment("2026-11-19T23:30", "2026-11-20T00:30", 2)]}
WEIGHED = group(1, epoch("2026-11-20T07:00"), (1, 70, 0), (91, 72, -1))
ROWS = {
    "measures": [WEIGHED],
    "activities": [activity()],
    "nights": [night(data={"total_sleep_time": 24480})],
    "stages": STAGES,
}
POINTS = google_parts.raw(google_parts.weight()) | google_parts.merged(google_parts.night())


class Rows:
    """Anna's rows; nobody else has any."""

    def rows(self, person, first, last):
        assert (str(first), str(last)) == ("2026-11-20", "2026-11-20")
        return ROWS if person is ANNA else {}

    def devices(self, _person):
        return []


class Health:
    """Anna's points; nobody else has any."""

    def rows(self, person, first, last):
        assert (str(first), str(last)) == ("2026-11-20", "2026-11-20")
        return POINTS if person is ANNA else {}

    def paired(self, _person):
        return [{"deviceVersion": "Aria Air"}]


@pytest.fixture(scope="module")
def orders():
    with running_ehr() as ehr:
        yield ReaderOrders(orders_cloud(), ehr_url=ehr.url, shared=False, google=Health())


def orders_cloud():
    clock = Clock(lambda: utc("2026-11-20T12:00").timestamp())
    data = SimpleNamespace(clock=clock)
    return SimpleNamespace(people=[ANNA, BERT], readings=Rows(), data=data)


def asked(orders, query=""):
    with Flask("test").test_request_context(f"/?from=2026-11-20&to=2026-11-20&{query}"):
        return orders.differences()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 17),
        ("stages=1", 18),
        ("paid=1", 18),
        ("shared=body", 1),
        ("shared=body&shared=sleep", 2),
        ("shared=pulse_wave_velocity", 0),
        ("shared=pulse_wave_velocity&paid=1", 1),
        ("shared=sleep_stages&stages=1", 1),
        ("login=bert@home", 0),
    ],
)
def test_what_the_ehr_is_given_is_missing_there(orders, query, count):
    report = asked(orders, query)
    assert report["compared"] == report["missing"] == report["differences"] == count


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("stages=1", 4),
        ("paid=1", 2),
        ("shared=body", 1),
        ("shared=sleep_stages&stages=1", 2),
        ("shared=irregular_rhythm", 0),
        ("login=bert@home", 0),
    ],
)
def test_another_vendor_is_judged_by_its_own_data(orders, query, count):
    report = asked(orders, f"vendor=google_health&{query}")
    assert report["compared"] == report["missing"] == report["differences"] == count


def test_each_vendor_is_remembered_and_followed_by_itself(orders):
    linked = "follow=1&linked=anna@home"
    of_health = asked(orders, f"vendor=google_health&{linked}")
    of_withings = asked(orders, linked)
    assert (of_health["compared"], of_withings["compared"]) == (2, 17)
    assert of_health["why"] == {
        "governance: association missing": 1,
        "governance: consent missing": 1,
    }
    assert of_withings["why"] == {"governance: consent missing": 1}


def test_a_vendor_that_nobody_knows_or_runs_is_refused(orders):
    with pytest.raises(WrongRequest, match="vendor must be one of: google_health, withings"):
        asked(orders, "vendor=omron")
    alone = ReaderOrders(orders_cloud(), ehr_url="http://127.0.0.1:9", shared=False)
    with pytest.raises(WrongRequest, match="vendor must be one of: withings"):
        asked(alone, "vendor=google_health")


def test_a_data_type_of_the_other_vendor_is_refused(orders):
    with pytest.raises(WrongRequest, match="shared must be one of"):
        asked(orders, "shared=glucose")
    with pytest.raises(WrongRequest, match="shared must be one of"):
        asked(orders, "vendor=google_health&shared=nerve_health")


def test_a_data_type_that_nobody_knows_is_refused(orders):
    with pytest.raises(WrongRequest, match="shared must be one of"):
        asked(orders, "shared=bodies")
