"""`ohx ehr erase` at a strict server: all that was written for a link is gone, by its own history."""

import os
import secrets

import pytest
from click.testing import CliRunner

from ohx_pipelines.cli.main import main
from tests.integration.erasing_scene import A_DAY, SHARED, Ehr, linked, status, write
from tests.unit.cli.complete_settings import set_all

MODES = ("put-id", "conditional-update", "conditional-create")
DAYS = 30


@pytest.fixture
def ohx(monkeypatch, tmp_path, database_url):
    for name in [name for name in os.environ if name.startswith("OHX_")]:
        if name != "OHX_TEST_CONFORMANCE":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    set_all(monkeypatch, database_url)
    return lambda *arguments: CliRunner().invoke(main, ["ehr", "erase", *arguments])


@pytest.mark.parametrize("mode", MODES)
def test_all_of_a_link_is_gone_and_a_reading_that_staff_use_is_entered_in_error(
    ohx, store, hapi, patient, mode
):
    ehr = Ehr(hapi.url)
    link = linked(store, hapi.url, patient, mode=mode)
    other = linked(store, hapi.url, patient, vendor="bolt", mode=mode)
    write(hapi.url, patient, link, mode=mode, days=DAYS)
    write(hapi.url, patient, other, vendor="bolt", mode=mode)
    ours, kept = ehr.of_link(patient, link), ehr.of_link(patient, other)
    assert len(ours) == DAYS * A_DAY + 3
    shared = {kind: ehr.held(kind) for kind in SHARED}
    reading = next(name for name, one in ours.items() if "component" in one)
    theirs = {
        "resourceType": "Observation",
        "id": f"theirs-{secrets.token_hex(6)}",
        "status": "final",
        "code": {"text": "review"},
        "subject": {"reference": f"Patient/{patient}"},
        "identifier": ours[reading]["identifier"],
        "derivedFrom": [{"reference": reading}],
    }
    name = ehr.put(theirs)

    refused = ohx("--link", link, "--yes")

    left = ehr.of_link(patient, link)
    assert (refused.exit_code, set(left)) == (1, {reading}), refused.output
    assert status(left[reading]) == "entered-in-error"
    assert ehr.read(name)["status"] == "final"
    assert ehr.call("DELETE", name).status_code == 200
    assert ohx("--link", link, "--yes").exit_code == 0
    assert ehr.of_link(patient, link) == {}
    assert [one for one in ours if ehr.call("GET", one).status_code != 410] == []
    assert ehr.of_link(patient, other) == kept
    assert {kind: ehr.held(kind) for kind in SHARED} == shared
    # Marked first, then deleted: the versions that the server keeps for ever say so.
    page = ehr.call("GET", f"{reading}/_history").json()
    statuses = [one["resource"]["status"] for one in page["entry"] if "resource" in one]
    assert statuses == ["entered-in-error", "final"]
