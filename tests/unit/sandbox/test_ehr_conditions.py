"""Conditional interactions of the EHR stand-in: R5's table of none, one and several matches.

Belongs here: If-None-Exist, PUT and DELETE by a search, If-Match, If-None-Match. Not here: servers
that do otherwise (`test_ehr_modes.py`), and conditions inside Bundles (`test_ehr_transactions.py`).
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.sandbox.ehr_parts import device, running_ehr, weight

CONDITION = "identifier=https://vendor.example/device|hash-1"
NOBODYS = "identifier=https://vendor.example/device|hash-9"
EXISTS = {"If-None-Exist": CONDITION}


@pytest.fixture
def ehr():
    with running_ehr() as running:
        yield running


def without_id(resource):
    return {name: part for name, part in resource.items() if name != "id"}


def devices(ehr):
    return sorted(ehr.found("Device"))


def code_of(answer):
    return answer.json()["issue"][0]["code"]


# Create


def test_a_conditional_create_makes_one_finds_one_and_refuses_two(ehr):
    made = [ehr.call("POST", "Device", json=device(), headers=EXISTS) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 200]
    assert made[0].json()["id"] == made[1].json()["id"] != "d1"
    assert made[1].headers["ETag"] == 'W/"1"'
    ehr.put(device("d2"))
    third = ehr.call("POST", "Device", json=device(), headers=EXISTS)
    assert third.status_code == 412
    assert code_of(third) == "multiple-matches"
    assert len(devices(ehr)) == 2


def test_a_conditional_create_changes_nothing_of_what_it_finds(ehr):
    ehr.put(device())
    other = device() | {"displayName": "Scale"}
    assert ehr.call("POST", "Device", json=other, headers=EXISTS).status_code == 200
    assert "displayName" not in ehr.get("Device/d1").json()


def test_the_condition_may_name_its_type(ehr):
    named = {"If-None-Exist": f"Device?{CONDITION}"}
    made = [ehr.call("POST", "Device", json=device(), headers=named) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 200]


def test_parallel_conditional_creates_make_one_resource(ehr):
    def create(_):
        return ehr.server.app.test_client().post("/fhir/Device", json=device(), headers=EXISTS)

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(one.status_code for one in pool.map(create, range(24)))
    assert statuses == [200] * 23 + [201]
    assert len(devices(ehr)) == 1


def test_a_conditional_create_after_a_delete_makes_another_one(ehr):
    first = ehr.call("POST", "Device", json=device(), headers=EXISTS).json()["id"]
    ehr.call("DELETE", f"Device/{first}")
    again = ehr.call("POST", "Device", json=device(), headers=EXISTS)
    assert again.status_code == 201
    assert devices(ehr) == [again.json()["id"]] != [first]


@pytest.mark.parametrize("condition", ["", "?", "serial=7", "Device?"])
def test_a_condition_without_a_known_parameter_is_refused(ehr, condition):
    answer = ehr.call("POST", "Device", json=device(), headers={"If-None-Exist": condition})
    assert answer.status_code == 400
    assert devices(ehr) == []


# Update


def test_a_conditional_update_creates_then_updates_then_refuses_two(ehr):
    body = without_id(device())
    first = ehr.call("PUT", f"Device?{CONDITION}", json=body)
    same = ehr.call("PUT", f"Device?{CONDITION}", json=body)
    second = ehr.call("PUT", f"Device?{CONDITION}", json=body | {"displayName": "Scale"})
    assert [one.status_code for one in (first, same, second)] == [201, 200, 200]
    assert [one.headers["ETag"] for one in (first, same, second)] == ['W/"1"', 'W/"1"', 'W/"2"']
    assert first.json()["id"] == second.json()["id"]
    ehr.put(device("d2"))
    assert ehr.call("PUT", f"Device?{CONDITION}", json=body).status_code == 412


def test_a_conditional_update_takes_the_id_that_it_is_given_if_that_is_free(ehr):
    assert ehr.call("PUT", f"Device?{CONDITION}", json=device("mine")).status_code == 201
    assert devices(ehr) == ["mine"]
    assert ehr.call("PUT", f"Device?{CONDITION}", json=device("mine")).status_code == 200
    assert ehr.call("PUT", f"Device?{CONDITION}", json=device("other")).status_code == 400
    taken = ehr.call("PUT", f"Device?{NOBODYS}", json=device("mine", "hash-9"))
    assert (taken.status_code, code_of(taken)) == (409, "conflict")


def test_a_conditional_update_needs_a_condition(ehr):
    assert ehr.call("PUT", "Device", json=without_id(device())).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_resource_has_to_satisfy_its_own_condition(ehr, method):
    path = f"Device?{NOBODYS}" if method == "PUT" else "Device"
    headers = {"If-None-Exist": NOBODYS} if method == "POST" else {}
    answer = ehr.call(method, path, json=without_id(device()), headers=headers)
    assert (answer.status_code, code_of(answer)) == (400, "processing")
    assert devices(ehr) == []


# Delete


def test_a_conditional_delete_takes_the_one_match_away_and_no_second_one(ehr):
    ehr.put(device("d1"))
    ehr.put(device("d2"))
    several = ehr.call("DELETE", f"Device?{CONDITION}")
    assert (several.status_code, code_of(several)) == (412, "multiple-matches")
    ehr.call("DELETE", "Device/d2")
    assert ehr.call("DELETE", f"Device?{NOBODYS}").status_code == 204
    assert devices(ehr) == ["d1"]
    assert ehr.call("DELETE", f"Device?{CONDITION}").status_code == 204
    assert devices(ehr) == []
    assert ehr.get("Device/d1").status_code == 410


def test_a_delete_without_id_and_condition_deletes_nothing(ehr):
    ehr.put(device())
    assert ehr.call("DELETE", "Device").status_code == 400
    assert devices(ehr) == ["d1"]


# Guards


def test_a_stale_if_match_is_a_conflict_and_a_fresh_one_is_not(ehr):
    ehr.put(weight())
    changed = weight(status="amended")
    stale = ehr.put(changed, headers={"If-Match": 'W/"7"'})
    assert (stale.status_code, code_of(stale)) == (409, "conflict")
    assert ehr.get("Observation/w1").json()["status"] == "final"
    assert ehr.put(changed, headers={"If-Match": 'W/"1"'}).headers["ETag"] == 'W/"2"'


def test_a_server_can_answer_a_stale_if_match_as_the_specification_says(ehr):
    ehr.server.settings.stale_if_match = 412
    ehr.put(weight())
    stale = {"If-Match": 'W/"7"'}
    assert ehr.put(weight(status="amended"), headers=stale).status_code == 412
    assert ehr.call("DELETE", "Observation/w1", headers=stale).status_code == 412
    assert ehr.found("Observation") == ["w1"]


def test_an_if_match_without_anything_to_compare_is_ignored(ehr):
    assert ehr.put(weight(), headers={"If-Match": 'W/"3"'}).status_code == 201


def test_if_none_match_guards_against_overwriting(ehr):
    guard = {"If-None-Match": "*"}
    assert ehr.put(weight(), headers=guard).status_code == 201
    assert ehr.put(weight(status="amended"), headers=guard).status_code == 412
    assert ehr.get("Observation/w1").json()["status"] == "final"
