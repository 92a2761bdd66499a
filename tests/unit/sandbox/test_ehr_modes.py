"""EHRs that differ from the usual one: each setting of the stand-in, over HTTP.

Belongs here: what a client meets in each mode. Not here: tokens (`test_ehr_access.py`), and faults
that pass by themselves (`test_ehr_faults.py`).
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.unit.sandbox.ehr_parts import concept, device, entry, pressure, running_ehr, side, weight

CONDITION = "identifier=https://vendor.example/device|hash-1"
EXISTS = {"If-None-Exist": CONDITION}
# A busy machine starts requests that were sent together this far apart.
A_WHILE = 1.0
MEETING = {"conflicts": True, "pause_seconds": A_WHILE}
RETRY = {"X-Retry-On-Version-Conflict": "retry; max-retries=10"}


@pytest.fixture
def ehr():
    with running_ehr() as running:
        yield running


@pytest.fixture
def settings(ehr):
    return ehr.server.settings


def at_once(count, call):
    """Make calls that start together; gives their statuses."""
    together = threading.Barrier(count)

    def one(number):
        together.wait()
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return sorted(answer.status_code for answer in pool.map(one, range(count)))


def statuses(answer):
    assert answer.status_code == 200, answer.text
    return [one["response"]["status"][:3] for one in answer.json()["entry"]]


def without_id(resource):
    return {name: part for name, part in resource.items() if name != "id"}


def http(ehr, method, path, resource, **headers):
    """Call on a connection of its own, as another process would."""
    headers = {"Content-Type": "application/fhir+json"} | headers
    return requests.request(method, f"{ehr.url}/{path}", json=resource, headers=headers, timeout=20)


# If-None-Exist


def test_a_server_that_ignores_if_none_exist_makes_duplicates(ehr, settings):
    settings.ignore_if_none_exist = True
    posted = [ehr.call("POST", "Device", json=device(), headers=EXISTS) for _ in range(2)]
    inside = entry(device(), "POST", ifNoneExist=CONDITION)
    assert [one.status_code for one in posted] == [201, 201]
    assert statuses(ehr.bundle("batch", inside)) == ["201"]
    assert statuses(ehr.bundle("transaction", inside)) == ["201"]
    assert len(ehr.found("Device")) == 4


def test_it_still_knows_conditional_updates(ehr, settings):
    settings.ignore_if_none_exist = True
    put = [ehr.call("PUT", f"Device?{CONDITION}", json=without_id(device())) for _ in range(2)]
    assert [one.status_code for one in put] == [201, 200]


# Ids


def test_a_server_that_gives_ids_itself_knows_no_others(ehr, settings):
    settings.client_ids = False
    assert ehr.put(device()).status_code == 404
    assert statuses(ehr.bundle("batch", entry(device()))) == ["404"]
    assert ehr.bundle("transaction", entry(device())).status_code == 404
    with_id = ehr.call("PUT", f"Device?{CONDITION}", json=device())
    assert (with_id.status_code, with_id.json()["issue"][0]["code"]) == (400, "invalid")
    assert ehr.found("Device") == []


def test_it_takes_what_leaves_the_id_to_it(ehr, settings):
    settings.client_ids = False
    made = ehr.call("PUT", f"Device?{CONDITION}", json=without_id(device()))
    assert made.status_code == 201
    given = made.json()["id"]
    assert ehr.put(device(given) | {"displayName": "Scale"}).status_code == 200
    posted = ehr.call("POST", "Device", json=device("mine", "hash-2"))
    assert posted.status_code == 201
    assert sorted(ehr.found("Device")) == sorted([given, posted.json()["id"]])
    assert posted.json()["id"] != "mine"


def test_a_server_may_not_bring_back_what_was_deleted(ehr, settings):
    settings.deleted_ids = "gone"
    ehr.put(weight())
    ehr.call("DELETE", "Observation/w1")
    again = ehr.put(weight())
    assert (again.status_code, again.json()["issue"][0]["code"]) == (410, "deleted")
    assert ehr.put(weight("w2")).status_code == 201


# Bad entries


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_one_bad_entry_costs_the_bundle_and_is_named(ehr, settings, kind):
    settings.bad_entry = "bundle"
    bundle = [entry(weight()), entry(weight("w2", status="finl")), entry(pressure())]
    refused = ehr.bundle(kind, *bundle)
    assert refused.status_code == 422
    places = [one["expression"] for one in refused.json()["issue"]]
    assert places == [["Bundle.entry[1].resource/*Observation/w2*/.status"]]
    assert ehr.found("Observation") == []
    assert statuses(ehr.bundle(kind, bundle[0], bundle[2])) == ["201", "201"]


def test_every_bad_entry_of_a_batch_is_named(ehr, settings):
    settings.bad_entry = "bundle"
    anonymous = without_id(weight(status="finl"))
    bad = entry(anonymous, "POST", full_url="https://sender.example/x")
    refused = ehr.bundle("batch", bad, entry(weight()), entry(pressure(component=[])))
    places = {place for one in refused.json()["issue"] for place in one["expression"]}
    assert "Bundle.entry[0].resource/*Observation/null*/.status" in places
    assert any(one.startswith("Bundle.entry[2].resource/*Observation/p1*/") for one in places)
    assert not any("entry[1]" in one for one in places)


def test_an_entry_that_is_valid_but_leads_nowhere_costs_only_itself(ehr, settings):
    settings.bad_entry = "bundle"
    bundle = [entry(weight(patient="nobody")), entry(weight("w2"))]
    assert statuses(ehr.bundle("batch", *bundle)) == ["400", "201"]


def test_only_an_invalid_entry_costs_a_batch(ehr, settings):
    settings.bad_entry = "bundle"
    unknown = entry({"resourceType": "Medication", "id": "m1"})
    assert statuses(ehr.bundle("batch", unknown, entry(weight()))) == ["404", "201"]


def test_a_site_may_refuse_a_value_that_is_valid(ehr, settings):
    settings.limits = {"29463-7": 72.4, "8462-4": 100}
    refused = ehr.put(weight())
    assert refused.status_code == 422
    issue = refused.json()["issue"][0]
    assert issue["code"] == "business-rule"
    assert issue["expression"] == ["Observation.valueQuantity.value"]
    assert "72" not in issue["diagnostics"]
    light = weight("w2", valueQuantity=weight()["valueQuantity"] | {"value": 72.4})
    high = pressure("p2", component=[side("8480-6", 128), side("8462-4", 101)])
    batch = ehr.bundle("batch", entry(light), entry(pressure()), entry(high))
    assert statuses(batch) == ["201", "201", "422"]
    place = batch.json()["entry"][2]["response"]["outcome"]["issue"][0]["expression"]
    assert place == ["Bundle.entry[2].resource.component[1].valueQuantity.value"]


# Writers that meet


def test_writers_of_the_same_resource_conflict_and_one_wins(ehr, settings):
    settings.change(MEETING)
    made = at_once(4, lambda n: http(ehr, "PUT", "Device/d1", device() | {"displayName": f"{n}"}))
    assert made == [201, 409, 409, 409]
    assert ehr.get("Device/d1").headers["ETag"] == 'W/"1"'


def test_writers_of_different_resources_do_not_conflict(ehr, settings):
    settings.conflicts = True
    made = at_once(4, lambda n: http(ehr, "PUT", f"Device/d{n}", device(f"d{n}")))
    assert made == [201] * 4


def test_conditional_writers_conflict_and_never_duplicate(ehr, settings):
    settings.change(MEETING)
    headers = {"If-None-Exist": CONDITION}
    made = at_once(4, lambda _: http(ehr, "POST", "Device", device(), **headers))
    assert made == [201, 409, 409, 409]
    assert len(ehr.found("Device")) == 1


def test_a_transaction_that_meets_another_is_refused_as_a_whole(ehr, settings):
    settings.change(MEETING)

    def send(number):
        entries = [entry(weight("same", note=[{"text": str(number)}])), entry(weight(f"w{number}"))]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        return http(ehr, "POST", "", bundle)

    assert at_once(3, send) == [200, 409, 409]
    assert len(ehr.found("Observation")) == 2


def test_a_server_that_retries_by_itself_stores_what_every_writer_sent(ehr, settings):
    settings.conflicts = settings.retry_on_conflict = True
    made = at_once(
        4, lambda n: http(ehr, "PUT", "Device/d1", device() | {"displayName": f"{n}"}, **RETRY)
    )
    assert made == [200, 200, 200, 201]
    assert ehr.get("Device/d1").headers["ETag"] == 'W/"4"'


def test_a_server_that_does_not_know_the_header_does_not_retry(ehr, settings):
    settings.change(MEETING)
    made = at_once(
        2, lambda n: http(ehr, "PUT", "Device/d1", device() | {"displayName": f"{n}"}, **RETRY)
    )
    assert made == [201, 409]


def test_a_planned_conflict_is_overcome_by_as_many_retries(ehr, settings):
    settings.retry_on_conflict = True
    ehr.faults.add("conflict", count=2)
    assert statuses(ehr.bundle("batch", entry(device()), headers=RETRY)) == ["201"]
    ehr.faults.add("conflict", count=1)
    assert statuses(ehr.bundle("batch", entry(device("d2")))) == ["409"]


@pytest.mark.parametrize("condition", [{"If-None-Exist": CONDITION}, None])
def test_a_racy_server_makes_a_duplicate_for_each_that_asks_at_once(ehr, settings, condition):
    settings.change({"racy_conditional": True, "pause_seconds": A_WHILE})
    if condition:
        made = at_once(4, lambda _: http(ehr, "POST", "Device", device(), **condition))
    else:
        made = at_once(4, lambda _: http(ehr, "PUT", f"Device?{CONDITION}", without_id(device())))
    assert made == [201] * 4
    assert len(ehr.found("Device")) == 4


def test_a_racy_server_is_right_when_asked_one_after_the_other(ehr, settings):
    settings.racy_conditional = True
    made = [ehr.call("POST", "Device", json=device(), headers=EXISTS) for _ in range(3)]
    assert [one.status_code for one in made] == [201, 200, 200]
    at_once(4, lambda n: http(ehr, "PUT", "Device/d1", device(value="other")))
    assert len(ehr.found("Device")) == 2


# Faults in these modes


def test_a_conditional_create_is_told_to_wait_and_done_later(ehr):
    ehr.faults.add("status", count=1, status=429, seconds=3, method="write")
    first = ehr.call("POST", "Device", json=device(), headers=EXISTS)
    assert (first.status_code, first.headers["Retry-After"]) == (429, "3")
    assert ehr.call("POST", "Device", json=device(), headers=EXISTS).status_code == 201


@pytest.mark.parametrize("mode", ["ignore_if_none_exist", "conflicts", "racy_conditional", None])
def test_a_lost_answer_leaves_the_work_done_in_every_mode(ehr, settings, mode):
    if mode:
        settings.change({mode: True})
    ehr.faults.add("drop_after_commit", count=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ehr.call("POST", "Device", json=device(), headers=EXISTS)
    assert len(ehr.found("Device")) == 1
    again = ehr.call("POST", "Device", json=device(), headers=EXISTS)
    assert again.status_code == (201 if mode == "ignore_if_none_exist" else 200)


# Settings themselves


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_ids": "no"},
        {"client_ids": 0},
        {"bad_entry": "none"},
        {"stale_if_match": 410},
        {"stale_if_match": "409"},
        {"deleted_ids": True},
        {"limits": ["29463-7"]},
        {"limits": {"29463-7": "70"}},
        {"pause_seconds": -1},
        {"colour": True},
    ],
)
def test_a_setting_takes_only_what_it_knows_and_a_wrong_one_changes_nothing(settings, wrong):
    before = settings.as_json()
    with pytest.raises(ValueError, match=next(iter(wrong))):
        settings.change({"token_required": True} | wrong)
    assert settings.as_json() == before


def test_an_observation_can_have_a_local_code_and_no_limit(ehr, settings):
    settings.limits = {"29463-7": 1}
    assert ehr.put(weight(meta=None, code=concept("29463-7", "urn:local"))).status_code == 201
