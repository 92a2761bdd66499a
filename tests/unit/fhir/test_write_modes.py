"""The three write modes on servers that keep our ids and on servers that do not: one promise.

Whatever the mode: one resource per reading, corrections on the same resource, references that lead
somewhere, also when eight write at once or an answer is lost.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from tenacity import wait_none

from ohx_pipelines.errors import ClientIdsRefused, DeviceRefused
from ohx_pipelines.fhir import client as client_module
from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.governance.devices import build_device
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.fhir.writing import again
from tests.unit.fhir.readings import TAKEN, measurement
from tests.unit.fhir.serving import serving_ehr

MODES = ["put-id", "conditional-update", "conditional-create"]
CONDITIONAL = MODES[1:]
WEIGHT = "29463-7"


@pytest.fixture
def ehr():
    with serving_ehr() as server:
        yield server


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr(client_module, "_backoff", wait_none())
    monkeypatch.setattr(again, "PAUSE_SECONDS", (0.0, 0.01))


@pytest.fixture
def locks():
    """One lock per name, as the processes of a deployment share them."""
    held = {}
    guard = threading.Lock()

    @contextmanager
    def lock(name):
        with guard:
            one = held.setdefault(name, threading.Lock())
        with one:
            yield

    return lock


@pytest.fixture
def publisher_in(ehr, locks):
    opened = []

    def give(mode, lock=locks):
        opened.append(connect(FhirConnection(url=ehr.url, timeout_seconds=10)))
        return Publisher(opened[-1], write_mode=mode, writer_lock=lock)

    yield give
    for client in opened:
        client.close()


@pytest.fixture
def device(context):
    return build_device(
        device="5d1c",
        model="Body+",
        kind="Scale",
        manufacturer="Withings",
        context=context,
        define=False,
    )


@pytest.fixture
def weighings(build):
    def built(count, first="70"):
        rows = [
            measurement(
                "body_weight",
                f"{first if n == 0 else 71}.{n:02d}",
                "kg",
                record=str(n),
                group=str(n),
                start=TAKEN + timedelta(seconds=n),
            )
            for n in range(count)
        ]
        return build(*rows)

    return built


@pytest.fixture
def taken_twice(build):
    """A weight and the BMI that is derived from it."""
    rows = [
        measurement("body_weight", "70.10", "kg"),
        measurement("body_mass_index", "22.1", "kg/m2"),
    ]
    return build(*rows)


def read(publisher):
    return publisher.read_existing(
        patient="p1",
        vendor="withings",
        start=TAKEN - timedelta(hours=1),
        end=TAKEN + timedelta(days=1),
    )


def publish(publisher, device, desired):
    existing = read(publisher)
    publisher.ensure_devices([device])
    return publisher.publish(desired, existing)


def at_once(writers, publisher, device, desired):
    """Have several read, wait for each other, and then publish the same."""
    start = threading.Barrier(writers)

    def once(_):
        own = publisher()
        existing = read(own)
        start.wait(timeout=60)
        own.ensure_devices([device])
        return own.publish(desired, existing)

    with ThreadPoolExecutor(writers) as pool:
        return list(pool.map(once, range(writers)))


def held(ehr, kind="Observation"):
    return [one.resource for one in ehr._store.all_live(kind)]


@pytest.mark.parametrize("mode", MODES)
def test_publishing_twice_leaves_one_resource_per_reading_at_version_1(
    ehr, publisher_in, device, weighings, mode
):
    first = publish(publisher_in(mode), device, weighings(120))
    second = publish(publisher_in(mode), device, weighings(120))

    assert (first.created, first.unchanged, first.rejections) == (120, 0, [])
    assert (second.created, second.updated, second.unchanged) == (0, 0, 120)
    assert (len(held(ehr)), len(held(ehr, "Device"))) == (120, 1)
    assert {one["meta"]["versionId"] for one in held(ehr)} == {"1"}


@pytest.mark.parametrize("mode", MODES)
def test_eight_writers_at_once_leave_one_resource_per_reading(
    ehr, publisher_in, device, weighings, mode
):
    ehr.settings.change({"racy_conditional": True, "conflicts": True})
    written = at_once(8, lambda: publisher_in(mode), device, weighings(10))

    assert (len(held(ehr)), len(held(ehr, "Device"))) == (10, 1)
    assert all(one.created + one.updated + one.unchanged == 10 for one in written)
    assert not any(one.rejections for one in written)


@pytest.mark.parametrize("mode", MODES)
def test_eight_writers_at_once_are_safe_even_where_a_condition_is_ignored(
    ehr, publisher_in, device, weighings, mode
):
    # `ohx ehr check` advises against the mode; readings must not pay for it.
    ehr.settings.change({"ignore_if_none_exist": True})
    written = at_once(8, lambda: publisher_in(mode), device, weighings(10))

    assert (len(held(ehr)), len(held(ehr, "Device"))) == (10, 1)
    assert sum(one.created for one in written) == 10 or mode == "put-id"


@pytest.mark.parametrize("mode", CONDITIONAL)
def test_without_a_lock_a_racy_server_would_hold_readings_twice(
    ehr, publisher_in, device, weighings, mode
):
    # Shows that the test above can fail.
    ehr.settings.change({"racy_conditional": True, "pause_seconds": 0.2})
    publish(publisher_in(mode), device, [])

    at_once(4, lambda: publisher_in(mode, lock=None), device, weighings(2))

    assert len(held(ehr)) > 2


@pytest.mark.parametrize("mode", MODES)
def test_a_correction_is_written_over_the_same_resource(ehr, publisher_in, device, weighings, mode):
    publish(publisher_in(mode), device, weighings(3))
    before = {one["id"] for one in held(ehr)}

    written = publish(publisher_in(mode), device, weighings(3, first="69"))
    again = publish(publisher_in(mode), device, weighings(3, first="69"))

    assert (written.updated, written.unchanged, written.created) == (1, 2, 0)
    assert again.unchanged == 3
    assert {one["id"] for one in held(ehr)} == before
    [corrected] = [one for one in held(ehr) if one["status"] == "corrected"]
    assert str(corrected["valueQuantity"]["value"]) == "69.00"


@pytest.mark.parametrize("mode", MODES)
def test_a_reading_outside_the_window_that_was_read_is_found_and_not_doubled(
    ehr, publisher_in, device, weighings, mode
):
    publish(publisher_in(mode), device, weighings(3))
    publisher = publisher_in(mode)
    publisher.ensure_devices([device])
    moved = weighings(3, first="69")

    written = publisher.publish(moved, publisher.read_moved([one["id"] for one in moved]))

    assert (written.created, written.updated, written.unchanged) == (0, 1, 2)
    assert len(held(ehr)) == 3


@pytest.mark.parametrize("bad_entry", ["itself", "bundle"])
@pytest.mark.parametrize("mode", MODES)
def test_a_refused_reading_costs_nothing_that_is_derived_from_it(
    ehr, publisher_in, device, taken_twice, mode, bad_entry
):
    ehr.settings.change({"bad_entry": bad_entry, "limits": {WEIGHT: 60}})
    first = publish(publisher_in(mode), device, taken_twice)
    again = publish(publisher_in(mode), device, taken_twice)
    [alone] = held(ehr)
    ehr.settings.change({"limits": {}})
    publish(publisher_in(mode), device, taken_twice)

    assert [(one.created, sum(one.rejected.values())) for one in (first, again)] == [(1, 1), (0, 1)]
    assert (again.unchanged, "derivedFrom" in alone) == (1, False)
    assert alone["meta"]["versionId"] == "1"
    weight, bmi = sorted(held(ehr), key=lambda one: "derivedFrom" in one)
    assert bmi["derivedFrom"] == [{"reference": f"Observation/{weight['id']}"}]


@pytest.mark.parametrize("mode", MODES)
def test_references_lead_to_where_their_targets_live(ehr, publisher_in, device, taken_twice, mode):
    publish(publisher_in(mode), device, taken_twice)
    second = publish(publisher_in(mode), device, taken_twice)

    weight, bmi = sorted(held(ehr), key=lambda one: "derivedFrom" in one)
    assert bmi["derivedFrom"] == [{"reference": f"Observation/{weight['id']}"}]
    [scale] = held(ehr, "Device")
    assert weight["device"] == {"reference": f"Device/{scale['id']}"}
    ours = {one["id"] for one in taken_twice}
    assert ({weight["id"], bmi["id"]} == ours) is (mode == "put-id")
    assert second.unchanged == 2


@pytest.mark.parametrize("mode", MODES)
def test_a_lost_answer_doubles_nothing_and_loses_nothing(
    ehr, publisher_in, device, weighings, mode
):
    publish(publisher_in(mode), device, [])
    ehr.faults.add("drop_after_commit", count=1, method="write")

    written = publish(publisher_in(mode), device, weighings(5))

    assert len(held(ehr)) == 5
    assert written.created + written.updated + written.unchanged == 5


@pytest.mark.parametrize("mode", CONDITIONAL)
def test_after_a_lost_answer_the_server_is_read_before_it_is_written_again(
    ehr, publisher_in, device, weighings, mode
):
    publisher = publisher_in(mode)
    publish(publisher, device, [])
    ehr.faults.add("drop_after_commit", count=1, method="write")
    ehr.asked.clear()

    publisher.publish(weighings(5), {})

    bundles = [n for n, one in enumerate(ehr.asked) if one[0] == "POST"]
    assert len(bundles) == 1
    assert ehr.asked[-1][0] == "GET"


@pytest.mark.parametrize("mode", CONDITIONAL)
def test_a_server_that_refuses_our_ids_takes_the_conditional_modes(
    ehr, publisher_in, device, taken_twice, mode
):
    ehr.settings.change({"client_ids": False})

    assert publish(publisher_in(mode), device, taken_twice).created == 2


def test_a_server_that_refuses_our_ids_ends_the_day_with_a_word_that_says_so(
    ehr, publisher_in, weighings
):
    ehr.settings.change({"client_ids": False})

    with pytest.raises(ClientIdsRefused) as caught:
        publisher_in("put-id").publish(weighings(2), {})

    assert (caught.value.detail, caught.value.status) == ("client_ids_refused", 404)
    assert held(ehr) == []


@pytest.mark.parametrize("mode", CONDITIONAL)
def test_readings_that_are_there_twice_are_reported_and_left_alone(
    ehr, publisher_in, device, weighings, mode
):
    publish(publisher_in(mode), device, weighings(3))
    twin = {name: part for name, part in held(ehr)[0].items() if name != "id"}
    with _closing(ehr) as client:
        client.write("post", "Observation", twin)
    versions = {one["id"]: one["meta"]["versionId"] for one in held(ehr)}

    written = publish(publisher_in(mode), device, weighings(3, first="69"))

    assert [(one.issue, one.reason) for one in written.rejections] == [
        ("multiple-matches", "duplicate")
    ]
    assert written.unchanged == 2
    assert {one["id"]: one["meta"]["versionId"] for one in held(ehr)} == versions


@contextmanager
def _closing(ehr):
    client = connect(FhirConnection(url=ehr.url))
    yield client
    client.close()


@pytest.mark.parametrize("mode", CONDITIONAL)
def test_what_was_retracted_since_it_was_read_is_not_overwritten(
    ehr, publisher_in, device, weighings, mode
):
    publish(publisher_in(mode), device, weighings(1))
    [there] = held(ehr)
    with _closing(ehr) as client:
        client.write("put", f"Observation/{there['id']}", there | {"status": "entered-in-error"})

    written = publisher_in(mode).publish(weighings(1, first="69"), {})

    assert written.unchanged == 1
    assert held(ehr)[0]["status"] == "entered-in-error"


@pytest.mark.parametrize("mode", CONDITIONAL)
def test_readings_that_were_put_under_our_ids_before_are_found_by_the_other_modes(
    ehr, publisher_in, device, weighings, mode
):
    publish(publisher_in("put-id"), device, weighings(3))

    written = publish(publisher_in(mode), device, weighings(3))

    assert (written.unchanged, len(held(ehr))) == (3, 3)


@pytest.mark.parametrize("mode", MODES)
def test_a_device_that_two_writers_miss_at_once_is_written_once_and_costs_neither_a_reading(
    ehr, publisher_in, device, build, weighings, mode
):
    mine, other = publisher_in(mode), publisher_in(mode)
    for one in (mine, other):
        one.ensure_devices([device])
    with _closing(ehr) as client:
        client.write("delete", f"Device/{held(ehr, 'Device')[0]['id']}")
    ehr.settings.change({"racy_conditional": True, "pause_seconds": 0.1})
    theirs = build(measurement("body_weight", "80.1", "kg"), patient="p2", vendor_user="8")
    start = threading.Barrier(2)

    def once(publisher, desired):
        start.wait(timeout=60)
        return publisher.publish(desired, {})

    with ThreadPoolExecutor(2) as pool:
        written = list(pool.map(once, (mine, other), (weighings(2), theirs)))

    assert [(one.created, one.rejections) for one in written] == [(2, []), (1, [])]
    assert len(held(ehr, "Device")) == 1


def test_a_device_that_is_there_twice_ends_the_day_with_a_word_that_says_so(
    ehr, publisher_in, device
):
    publisher_in("conditional-create").ensure_devices([device])
    twin = {name: part for name, part in held(ehr, "Device")[0].items() if name != "id"}
    with _closing(ehr) as client:
        client.write("post", "Device", twin)

    with pytest.raises(DeviceRefused) as caught:
        publisher_in("conditional-create").ensure_devices([device])

    assert caught.value.detail == "device_refused"


CHANGES = [(one, other) for one in MODES for other in MODES if one != other]


@pytest.mark.parametrize(("former", "mode"), CHANGES)
def test_an_answer_that_is_lost_after_the_mode_was_changed_doubles_nothing(
    ehr, publisher_in, device, weighings, former, mode
):
    publish(publisher_in(former), device, weighings(3))
    before = {one["id"] for one in held(ehr)}
    publisher = publisher_in(mode)
    existing = read(publisher)
    ehr.faults.add("drop_after_commit", count=1, method="write")

    written = publisher.publish(weighings(3, first="69"), existing)

    assert {one["id"] for one in held(ehr)} == before
    assert (written.created, written.rejections) == (0, [])
    assert {one["status"] for one in held(ehr)} == {"final", "corrected"}


@pytest.mark.parametrize(("former", "mode"), CHANGES)
def test_a_device_stays_one_when_the_mode_is_changed(
    ehr, publisher_in, device, weighings, former, mode
):
    publish(publisher_in(former), device, weighings(3))
    publisher = publisher_in(mode)

    # A day without readings in the EHR, so that no device comes along with them.
    publisher.ensure_devices([device])
    written = publisher.publish(weighings(3), read(publisher))

    assert (len(held(ehr, "Device")), written.unchanged) == (1, 3)


def test_a_device_that_was_deleted_meanwhile_is_written_once_more(
    ehr, publisher_in, device, weighings
):
    publisher = publisher_in("put-id")
    existing = read(publisher)
    publisher.ensure_devices([device])
    with _closing(ehr) as client:
        client.write("delete", f"Device/{device['id']}")

    written = publisher.publish(weighings(3), existing)

    assert (written.created, written.rejections) == (3, [])
