"""Versions of a resource in the EHR stand-in: history, single versions, tombstones, labels.

Belongs here: what is kept of a resource and what is told about it. Not here: who may write.
"""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

import pytest

from tests.unit.sandbox.ehr_parts import device, entry, observation, running_ehr, weight

ACTIVE = {"system": "urn:labels", "code": "active"}
OTHER = {"system": "urn:labels", "code": "other"}


@pytest.fixture
def ehr():
    with running_ehr() as running:
        yield running


def meta(ehr, path="Device/d1"):
    return ehr.get(path).json()["meta"]


def codes(labels):
    return [one["code"] for one in labels]


def meta_delete(ehr, path="Device/d1", **meta):
    body = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": meta}]}
    return ehr.call("POST", f"{path}/$meta-delete", json=body)


# Versions


def test_an_answer_tells_the_version_in_header_and_body(ehr):
    made = ehr.put(device())
    changed = ehr.put(device() | {"displayName": "Scale"})
    for number, answer in enumerate([made, changed], 1):
        assert answer.headers["ETag"] == f'W/"{number}"'
        assert answer.headers["Location"] == f"{ehr.url}/Device/d1/_history/{number}"
        assert answer.json()["meta"]["versionId"] == str(number)
        at = datetime.fromisoformat(answer.json()["meta"]["lastUpdated"])
        assert parsedate_to_datetime(answer.headers["Last-Modified"]) == at.replace(microsecond=0)


def test_a_version_stays_as_it_was(ehr):
    ehr.put(weight())
    ehr.put(weight(status="amended"))
    first = ehr.get("Observation/w1/_history/1")
    assert (first.json()["status"], first.headers["ETag"]) == ("final", 'W/"1"')
    assert ehr.get("Observation/w1/_history/2").json()["status"] == "amended"
    assert ehr.get("Observation/w1/_history/3").status_code == 404
    assert ehr.get("Observation/w2/_history/1").status_code == 404


def test_an_unchanged_put_keeps_version_and_time(ehr):
    before = ehr.put(weight())
    after = ehr.put(weight())
    assert after.status_code == 200
    assert after.json() == before.json()
    assert ehr.get("Observation/w1/_history").json()["total"] == 1


def test_an_unchanged_entry_says_so_and_names_no_time(ehr):
    first, second = (ehr.bundle("batch", entry(weight())).json()["entry"][0] for _ in range(2))
    assert "lastModified" in first["response"]
    assert "lastModified" not in second["response"]
    assert second["response"]["etag"] == 'W/"1"'
    said = second["response"]["outcome"]["issue"][0]
    assert said["severity"] == "information"
    assert "no changes detected" in said["diagnostics"]


# History


def test_a_history_tells_what_was_done_newest_first(ehr):
    ehr.put(weight())
    ehr.put(weight(status="amended"))
    ehr.call("DELETE", "Observation/w1")
    ehr.put(weight())
    history = ehr.get("Observation/w1/_history").json()
    assert (history["type"], history["total"]) == ("history", 4)
    entries = history["entry"]
    # As HAPI does, the first version counts as posted although its id was the client's.
    assert [one["request"]["method"] for one in entries] == ["PUT", "DELETE", "PUT", "POST"]
    assert [one["response"]["etag"] for one in entries] == [f'W/"{n}"' for n in (4, 3, 2, 1)]
    assert ["resource" in one for one in entries] == [True, False, True, True]
    assert {one["fullUrl"] for one in entries} == {f"{ehr.url}/Observation/w1"}


def test_a_history_of_nothing_is_not_found(ehr):
    assert ehr.get("Observation/none/_history").status_code == 404
    assert ehr.get("Medication/m1/_history").status_code == 404


# Tombstones


def test_a_deleted_resource_leaves_its_versions_and_its_number(ehr):
    ehr.put(weight())
    assert [ehr.call("DELETE", "Observation/w1").status_code for _ in range(2)] == [204, 204]
    gone = ehr.get("Observation/w1")
    assert (gone.status_code, gone.json()["issue"][0]["code"]) == (410, "deleted")
    assert ehr.get("Observation/w1/_history/2").status_code == 410
    assert ehr.get("Observation/w1/_history/1").json()["status"] == "final"
    again = ehr.put(weight())
    assert (again.status_code, again.headers["ETag"]) == (201, 'W/"3"')


def test_what_never_was_can_be_deleted_too(ehr):
    assert ehr.call("DELETE", "Observation/none").status_code == 204
    assert ehr.get("Observation/none").status_code == 404


def test_a_device_is_not_deleted_while_a_reading_refers_to_it(ehr):
    ehr.put(device())
    ehr.put(weight(device={"reference": "Device/d1"}))
    assert ehr.call("DELETE", "Device/d1").status_code == 409
    ehr.put(weight())
    assert ehr.call("DELETE", "Device/d1").status_code == 204


# Labels


def test_tags_and_security_labels_add_up(ehr):
    ehr.put(device() | {"meta": {"tag": [ACTIVE], "security": [ACTIVE]}})
    ehr.put(device() | {"meta": {"tag": [OTHER]}, "displayName": "Scale"})
    assert codes(meta(ehr)["tag"]) == ["active", "other"]
    assert codes(meta(ehr)["security"]) == ["active"]
    assert codes(meta(ehr, "Device/d1/_history/1")["tag"]) == ["active"]


def test_an_update_without_labels_changes_nothing(ehr):
    ehr.put(device() | {"meta": {"tag": [ACTIVE]}})
    assert ehr.put(device()).headers["ETag"] == 'W/"1"'
    assert ehr.put(device() | {"meta": {"tag": [ACTIVE]}}).headers["ETag"] == 'W/"1"'


def test_a_profile_is_replaced_also_by_nothing(ehr):
    ehr.put(weight())
    assert ehr.put(observation()).headers["ETag"] == 'W/"2"'
    assert "profile" not in meta(ehr, "Observation/w1")


def test_only_meta_delete_takes_a_label_away(ehr):
    ehr.put(device() | {"meta": {"tag": [ACTIVE, OTHER], "security": [ACTIVE]}})
    answer = meta_delete(ehr, tag=[ACTIVE])
    assert answer.status_code == 200
    assert codes(answer.json()["parameter"][0]["valueMeta"]["tag"]) == ["other"]
    assert codes(meta(ehr)["tag"]) == ["other"]
    assert codes(meta(ehr)["security"]) == ["active"]
    assert meta(ehr)["versionId"] == "1"
    assert ehr.found("Device", _tag="urn:labels|active") == []
    assert ehr.found("Device", _tag="urn:labels|other") == ["d1"]


def test_meta_delete_needs_a_resource_and_a_meta(ehr):
    ehr.put(device())
    assert meta_delete(ehr, "Device/none", tag=[ACTIVE]).status_code == 404
    assert ehr.call("POST", "Device/d1/$meta-delete", json={"tag": [ACTIVE]}).status_code == 400


# The source


def test_a_source_is_kept_with_the_id_of_the_request(ehr):
    answer = ehr.put(device() | {"meta": {"source": "urn:vendor:scale"}})
    request_id = answer.headers["X-Request-ID"]
    assert len(request_id) == 16
    assert answer.json()["meta"]["source"] == f"urn:vendor:scale#{request_id}"
    assert re.fullmatch(r"#.{16}", ehr.put(device("d2")).json()["meta"]["source"])
    assert ehr.found("Device", _source="urn:vendor:scale") == ["d1"]


def test_another_source_alone_makes_no_version(ehr):
    ehr.put(device() | {"meta": {"source": "urn:vendor:scale"}})
    assert ehr.put(device() | {"meta": {"source": "urn:other"}}).headers["ETag"] == 'W/"1"'
    assert meta(ehr)["source"].startswith("urn:vendor:scale#")


def test_a_source_that_was_read_is_not_prolonged(ehr):
    read = ehr.put(device() | {"meta": {"source": "urn:vendor:scale"}}).json()
    again = ehr.put(read | {"displayName": "Scale"}).json()["meta"]["source"]
    assert again.count("#") == 1
    assert again != read["meta"]["source"]
