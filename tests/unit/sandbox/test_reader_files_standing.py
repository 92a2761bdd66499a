"""Files' and OMRON's readings in an EHR, and the questions about them over the control endpoint."""

from datetime import date
from types import SimpleNamespace

import pytest
from flask import Flask

from sandbox.clock import Clock
from sandbox.control_reader import ReaderOrders
from sandbox.files.exports import FileExports
from sandbox.reader.coding import CODES
from sandbox.reader.compare import compare
from sandbox.reader.readings import BEURER, GOOGLE_HEALTH, OMRON, OMRON_CONNECT, WITHINGS
from sandbox.reader.vendors import may_be_of, vendor_of
from tests.unit.sandbox.ehr_parts import observation, pressure, running_ehr, side
from tests.unit.sandbox.google_kind_parts import SID, SOURCE
from tests.unit.sandbox.governance_parts import consent
from tests.unit.sandbox.kind_parts import LOCAL, coded
from tests.unit.sandbox.omron_reader_parts import CUFF, cuffed, told
from tests.unit.sandbox.reader_parts import ANNA, BERT, DAY, difference

NEW = (OMRON, BEURER, OMRON_CONNECT)
AFIB, IRREGULAR = "possible-atrial-fibrillation", "irregular-heartbeat"
# Anna's cuff reading with a flag that is not raised, and one of the mode without pressures.
ROWS = {
    "bloodPressure": [
        *cuffed(1, possibleAfib=False)["bloodPressure"],
        *cuffed(2, systolic=0, diastolic=0, pulse=0, possibleAfib=True)["bloodPressure"],
    ]
}
TAKEN = {"effectiveDateTime": "2026-11-20T07:42:10+01:00"}
BY_CUFF = {"device": {"reference": "Device/cuff"}}


def flag(code, *, raised):
    return {"code": coded((LOCAL, code)), "valueBoolean": raised}


def of(vendor, resource):
    return resource | {"meta": {"source": f"{SOURCE}{vendor}"}}


def right_content():
    sides = [side("8480-6", 127), side("8462-4", 79), side("8867-4", 63, "/min")]
    alone = {"valueBoolean": True, "valueQuantity": None}
    return {
        "panel": pressure(
            "panel", component=[*sides, flag(AFIB, raised=False)], **TAKEN, **BY_CUFF
        ),
        "afib": observation("afib", coded((LOCAL, AFIB)), **alone, **TAKEN, **BY_CUFF),
    }


def device(number="cuff", model=CUFF):
    return of(OMRON, {"resourceType": "Device", "id": number, "modelNumber": model})


@pytest.fixture(scope="module")
def server():
    with running_ehr() as running:
        yield running


@pytest.fixture
def ehr(server):
    for kind in ("Observation", "Device"):
        for number in server.found(kind):
            server.call("DELETE", f"{kind}/{number}").raise_for_status()
    for one in (device(), *(of(OMRON, one) for one in right_content().values())):
        server.put(one).raise_for_status()
    return server


def judged(ehr, vendor=OMRON, rows=ROWS, people=(ANNA,)):
    given = {one.login: rows for one in people}
    report = compare(ehr_url=ehr.url, people=people, rows=given, first=DAY, last=DAY, vendor=vendor)
    return report.as_json()


# --- Codes and vendors


@pytest.mark.parametrize("vendor", NEW)
def test_a_resource_of_a_new_vendor_is_of_no_other(vendor):
    for resource in (
        {"meta": {"source": f"{SOURCE}{vendor}#Xy12"}},
        {"identifier": [{"system": f"{SID}{vendor}-record", "value": "1"}]},
        {"entity": [{"what": {"identifier": {"system": f"{SID}vendor", "value": vendor}}}]},
    ):
        assert vendor_of(resource) == vendor
        others = {one for one in (WITHINGS, GOOGLE_HEALTH, *NEW) if may_be_of(resource, one)}
        assert others == {vendor}


@pytest.mark.parametrize(
    ("code", "system"),
    [
        ("39156-5", "http://loinc.org"), ("8478-0", "http://loinc.org"),
        ("15074-8", "http://loinc.org"), ("73965-6", "http://loinc.org"),
        ("101684-9", "http://loinc.org"), (IRREGULAR, LOCAL), (AFIB, LOCAL),
        ("minimum-oxygen-saturation", LOCAL), ("maximum-oxygen-saturation", LOCAL),
    ],
)  # fmt: skip
def test_a_code_has_its_own_system(code, system):
    assert (system, code) in CODES[BEURER] | CODES[OMRON]


# --- Readings in an EHR


def test_the_right_content_differs_in_nothing(ehr):
    found = judged(ehr)
    assert (found["differences"], found["compared"], found["devices"]) == (0, 2, 1)


@pytest.mark.parametrize(
    ("number", "change", "expected"),
    [
        ("afib", {"valueBoolean": False}, {"wrong value": 1}),
        ("panel", {"component": right_content()["panel"]["component"][:3]},
         {"wrong value": 1, "wrong unit": 1}),
        ("panel", {"component": [*right_content()["panel"]["component"][:3],
                                 flag(AFIB, raised=True)]}, {"wrong value": 1}),
        ("panel", {"effectiveDateTime": "2026-11-20T08:42:10+02:00"}, {"wrong offset": 1}),
        ("panel", {"device": {"reference": "Device/other"}}, {"wrong device": 1}),
        ("panel", {"status": "preliminary"}, {"wrong status": 1}),
    ],
    ids=range(6),
)  # fmt: skip
def test_what_is_wrong_is_named(ehr, number, change, expected):
    ehr.put(device("other", "BP7450")).raise_for_status()
    ehr.put(of(OMRON, right_content()[number] | change)).raise_for_status()
    assert difference(judged(ehr)) == expected


def test_zero_pressures_are_too_much(ehr):
    zeros = pressure("zeros", component=[side("8480-6", 0), side("8462-4", 0)], **TAKEN)
    ehr.put(of(OMRON, zeros)).raise_for_status()
    assert difference(judged(ehr)) == {"extra": 1}


def test_a_cuff_of_two_people_is_wrong(ehr):
    for name, one in right_content().items():
        theirs = one | {"id": f"bert-{name}", "subject": {"reference": "Patient/bert"}}
        ehr.put(of(OMRON, theirs)).raise_for_status()
    assert difference(judged(ehr, people=(ANNA, BERT))) == {"wrong device": 1}


def test_a_files_and_a_clouds_readings_are_judged_apart(ehr):
    row = told("temperature", {"temperature": "36.6"})
    given = {"told": [row]}
    assert difference(judged(ehr, BEURER, given)) == {"missing": 1}
    warm = observation(
        "warm",
        "8310-5",
        effectiveDateTime="2026-11-20T07:52:00+01:00",
        valueQuantity={
            "value": 36.6, "unit": "Cel", "system": "http://unitsofmeasure.org", "code": "Cel",
        },
    )  # fmt: skip
    ehr.put(of(BEURER, warm)).raise_for_status()
    assert (judged(ehr, BEURER, given)["differences"], judged(ehr)["differences"]) == (0, 0)


# --- Over the control endpoint


class Measured:
    """Anna's rows, whatever the days; nobody else has any."""

    def rows(self, person, _first, _last):
        return ROWS if person is ANNA else {}


@pytest.fixture
def asking(server):
    clock = Clock(lambda: 1_795_262_400)
    exports = FileExports(clock)
    cloud = SimpleNamespace(
        people=[ANNA, BERT], readings=SimpleNamespace(rows=None), data=SimpleNamespace(clock=clock)
    )
    orders = ReaderOrders(cloud, ehr_url=server.url, shared=False, omron=Measured(), files=exports)

    def differences(query):
        with Flask("test").test_request_context(f"/?from=2026-11-20&to=2026-11-20&{query}"):
            return orders.differences()

    return SimpleNamespace(exports=exports, differences=differences)


@pytest.fixture
def empty(ehr):
    for number in ehr.found("Observation"):
        ehr.call("DELETE", f"Observation/{number}").raise_for_status()


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 2), ("shared=blood_pressure", 2), ("shared=body", 0), ("login=bert@home", 0)],
)
def test_omron_is_judged_by_its_own_data(asking, empty, query, count):
    report = asking.differences(f"vendor=omron&{query}")
    assert report["compared"] == report["missing"] == report["differences"] == count


def test_an_app_is_judged_by_what_was_exported_until_that_is_forgotten(asking, empty):
    assert asking.differences("vendor=beurer")["compared"] == 0
    written = asking.exports.export(ANNA, BEURER, "pro-de-comma", days=(DAY, DAY))
    report = asking.differences("vendor=beurer")
    assert report["compared"] == report["missing"] >= len(written.rows) > 0
    assert asking.differences("vendor=beurer&login=bert@home")["compared"] == 0
    assert asking.differences("vendor=omron_connect")["compared"] == 0
    asking.exports.reset()
    assert asking.differences("vendor=beurer")["compared"] == 0


def test_a_deleted_row_that_was_exported_stands_as_it_was_told_last(asking, empty):
    [before, *_] = asking.exports.export(ANNA, BEURER, "pro-de-comma", days=(DAY, DAY)).rows
    due = asking.differences("vendor=beurer")["compared"]
    reading = before.kind, before.moment
    asking.exports.change(ANNA, BEURER, "delete", reading=reading)
    kept = asking.exports.export(ANNA, BEURER, "pro-de-comma", days=(DAY, DAY)).rows
    assert all(one.record != before.record for one in kept)
    assert asking.differences("vendor=beurer")["compared"] == due


def test_the_models_of_a_link_are_those_that_its_rows_name(asking, empty):
    missing = "governance: association missing"
    followed = "follow=1&linked=anna@home"
    assert asking.differences(f"vendor=omron&{followed}")["why"][missing] == 1
    asking.exports.export(ANNA, OMRON_CONNECT, "scale-asia", days=(date(2026, 11, 1), DAY))
    assert asking.differences(f"vendor=omron_connect&{followed}")["why"][missing] == 1
    asking.exports.export(ANNA, BEURER, "pro-de-comma", days=(DAY, DAY))
    why = asking.differences(f"vendor=beurer&{followed}")["why"]
    assert why == {"governance: consent missing": 1}


def test_the_control_endpoint_forgets_exports_and_changes(sandbox):
    query = {"login": sandbox.people[0].login, "app": BEURER, "from": "2026-11-01"}
    query |= {"to": "2026-11-20"}
    first = sandbox.control.get("/files/export", query_string=query | {"variant": "pro-de-comma"})
    told_before = sandbox.control.get("/files/rows", query_string=query).json
    weighed = next(one for one in told_before if one["kind"] == "weight")
    order = {"login": query["login"], "app": BEURER, "action": "delete", "kind": "weight"}
    sandbox.order("/files/change", **order, at=weighed["moment"])
    assert sandbox.order("/files/reset") == {"reset": True}
    assert sandbox.control.get("/files/rows", query_string=query).json == []
    again = sandbox.control.get("/files/export", query_string=query | {"variant": "pro-de-comma"})
    assert again.data == first.data


def permit(*types):
    codings = [{"system": "https://example.org/data-types", "code": one} for one in types]
    return {"code": [{"coding": [one]} for one in codings]}


@pytest.mark.parametrize(
    ("types", "query", "word"),
    [
        (["body", "blood_pressure"], "", None),
        (["body"], "", "governance: consent to other data"),
        (["body", "blood_pressure", "glucose"], "", "governance: consent to other data"),
        (["body"], "&shared=body", None),
    ],
    ids=range(4),
)
def test_a_consent_to_a_files_data_names_what_is_shared(asking, empty, ehr, types, query, word):
    provision = permit(*(f"{OMRON_CONNECT}.{one}" for one in types))
    ehr.put(of(OMRON_CONNECT, consent(provision=[provision]))).raise_for_status()
    report = asking.differences(f"vendor=omron_connect&follow=1&linked=anna@home{query}")
    ehr.call("DELETE", "Consent/c1").raise_for_status()
    assert report["why"] == ({} if word is None else {word: 1})
