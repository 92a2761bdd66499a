"""`ohx ehr erase` against the sandbox's EHR: what we wrote for a link goes, nothing else does, and no
refusal, kill -9 or copy by somebody else makes it go wrong or unseen.
"""

import getpass
import json
import os
import re
import secrets
import signal
import subprocess
import sys
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from werkzeug.wrappers import Response

from ohx_pipelines.cli import ehr_erase
from ohx_pipelines.cli.main import main
from tests.integration.erasing_scene import (
    A_DAY,
    SHARED,
    Ehr,
    Forwarder,
    end,
    linked,
    status,
    write,
)
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS
from tests.sandbox_process import REPOSITORY, running_sandbox
from tests.unit.cli.complete_settings import set_all
from tests.unit.fhir.serving import served
from tests.unit.made_up import grant

pytestmark = pytest.mark.slow

MODES = ("put-id", "conditional-update", "conditional-create")
RECORD_SYSTEM = "https://open-health-exchange.org/fhir/sid/acme-record"


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*SANDBOX_ARGUMENTS) as running:
        yield running


@pytest.fixture
def ehr(sandbox):
    sandbox.post("ehr/settings/reset")
    sandbox.post("faults/clear")
    return Ehr(sandbox.addresses["ehr"]["url"])


@pytest.fixture
def patient(ehr):
    return ehr.new_patient(f"patient-{secrets.token_hex(6)}")


@pytest.fixture
def ohx(monkeypatch, tmp_path, database_url):
    for name in [name for name in os.environ if name.startswith("OHX_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    set_all(monkeypatch, database_url)
    return lambda *arguments, **given: CliRunner().invoke(
        main, ["ehr", "erase", *arguments], **given
    )


@pytest.fixture
def link(store, ehr, patient):
    """A link that has ended, with three days of readings in the EHR."""
    link = linked(store, ehr.url, patient)
    write(ehr.url, patient, link)
    return link


def deeds(store, link):
    return [(one.what, one.detail) for one in store.audit(link_id=link) if "eras" in one.what]


@pytest.mark.parametrize("mode", MODES)
def test_what_was_written_for_a_link_is_gone_and_all_else_is_as_it_was(
    ohx, store, ehr, patient, mode
):
    link = linked(store, ehr.url, patient, mode=mode)
    other = linked(store, ehr.url, patient, vendor="bolt", account="ada", mode=mode)
    write(ehr.url, patient, link, mode=mode)
    write(ehr.url, patient, other, vendor="bolt", mode=mode)
    somebody = ehr.new_patient(f"other-{secrets.token_hex(6)}")
    write(ehr.url, somebody, "aaaaaaaaaaaa", mode=mode)
    kept = ehr.of_link(patient, other) | ehr.of_link(somebody, "aaaaaaaaaaaa")
    shared = {kind: ehr.held(kind) for kind in SHARED}
    ours = ehr.of_link(patient, link)
    assert len(ours) == 3 * A_DAY + 3

    ended = ohx("--link", link, "--yes")

    assert ended.exit_code == 0, ended.output
    assert ehr.of_link(patient, link) == {}
    assert [ehr.call("GET", name).status_code for name in ours] == [410] * len(ours)
    assert ehr.of_link(patient, other) | ehr.of_link(somebody, "aaaaaaaaaaaa") == kept
    assert {kind: ehr.held(kind) for kind in SHARED} == shared
    assert f"Nothing that was written for link {link} is left" in ended.stdout


def test_what_is_there_is_shown_and_without_a_yes_nothing_happens(ohx, store, ehr, patient, link):
    before = ehr.of_link(patient, link)

    ended = ohx("--link", link, input="n\n")

    assert ended.exit_code == 1
    assert "Observation               12\n" in ended.stdout
    assert "Provenance                 1\n" in ended.stdout
    assert "Devices, their definitions and the Device of this service stay" in ended.stdout
    assert "Erase it? [y/N]" in ended.stdout
    assert ehr.of_link(patient, link) == before
    assert deeds(store, link) == []
    assert ohx("--link", link, input="y\n").exit_code == 0
    assert ehr.of_link(patient, link) == {}


@pytest.mark.parametrize("state", ["active", "unlinking"])
def test_a_link_that_has_not_ended_is_refused_and_the_way_is_named(ohx, store, ehr, patient, state):
    link = linked(store, ehr.url, patient, ended=False)
    write(ehr.url, patient, link)
    before = ehr.of_link(patient, link)
    if state == "unlinking":
        store.begin_unlink(link, who="operator test")

    ended = ohx("--link", link, "--yes")

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert f"link {link} is {state}" in ended.stderr
    assert f"`ohx links unlink {link}`" in ended.stderr
    assert ehr.of_link(patient, link) == before


def test_a_link_whose_end_the_ehr_was_not_told_is_refused_until_it_was(ohx, store, ehr, patient):
    # Else the Consent would be written once more after all is erased.
    link = linked(store, ehr.url, patient, ended=False)
    write(ehr.url, patient, link)
    end(store, link, told=False)

    ended = ohx("--link", link, "--yes")

    assert ended.exit_code == 1
    assert f"`ohx links unlink {link}` tells it now" in ended.stderr
    assert len(ehr.of_link(patient, link)) == 3 * A_DAY + 3


def reached_by(store, url):
    store.save_ehr(
        name="clinic", url=url, auth="none", username=None, credential=None, timeout_seconds=30
    )


def linked_again(store, link):
    patient = store.link(link).patient.id
    store.save_link(patient_id=patient, provider="acme", grant=grant("ada"), data_types=["body"])
    store.confirm_link(link, zone=ZoneInfo("Europe/Berlin"))


def test_a_link_that_lives_again_before_the_yes_loses_nothing(
    ohx, store, ehr, patient, link, monkeypatch
):
    before = ehr.of_link(patient, link)
    # Somebody looks at the counts for a while; meanwhile the patient comes back.
    monkeypatch.setattr(ehr_erase, "_ask", lambda **_: linked_again(store, link))

    ended = ohx("--link", link)

    assert ended.exit_code == 1
    assert f"link {link} is active: what is erased would come back" in ended.stderr
    assert ehr.of_link(patient, link) == before
    assert deeds(store, link) == []


def test_a_link_that_lives_again_in_the_middle_loses_nothing_more(ohx, store, ehr, patient):
    def after(number, _):
        if number == 1:
            linked_again(store, link)

    link = linked(store, ehr.url, patient)
    write(ehr.url, patient, link, days=40)
    with served(Forwarder(ehr.url, after=after)) as between:
        reached_by(store, between)
        ended = ohx("--link", link, "--yes")

    assert ended.exit_code == 1
    # The first Bundle marked what it could; nothing was deleted.
    left = ehr.of_link(patient, link)
    assert len(left) == 40 * A_DAY + 3
    assert "final" in {status(one) for one in left.values()}


@pytest.mark.parametrize("later", ["conditional-update", "conditional-create"])
def test_what_another_write_mode_left_is_named_and_goes_in_that_mode(
    ohx, store, ehr, patient, link, later
):
    store.set_write_mode("clinic", later)

    ended = ohx("--link", link, "--yes")

    left = ehr.of_link(patient, link)
    assert ended.exit_code == 1
    assert len(left) == 3 * A_DAY + 2
    assert all(name in ended.stderr for name in left)
    assert "clinic was written in another mode" in ended.stderr
    store.set_write_mode("clinic", "put-id")
    assert ohx("--link", link, "--yes").exit_code == 0
    assert ehr.of_link(patient, link) == {}


def test_a_link_that_does_not_exist_is_one_sentence(ohx):
    ended = ohx("--link", "aaaaaaaaaaaa", "--yes")

    assert (ended.exit_code, ended.output) == (1, "ohx: there is no link aaaaaaaaaaaa\n")


def test_in_blind_mode_it_says_that_it_cannot(ohx, store, ehr, patient, link):
    store.set_write_mode("clinic", "blind")

    ended = ohx("--link", link, "--yes")

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "is written in blind mode: what we wrote cannot be found there" in ended.stderr
    assert len(ehr.of_link(patient, link)) == 3 * A_DAY + 3


def untagged(resource, name):
    # The EHR would not delete what these refer to.
    rest = {key: part for key, part in resource.items() if key not in {"meta", "derivedFrom"}}
    return rest | {"id": name}


@pytest.mark.parametrize("mode", ["put-id", "conditional-create"])
def test_what_others_wrote_is_not_touched_though_it_carries_our_identifiers(
    ohx, store, ehr, patient, mode
):
    link = linked(store, ehr.url, patient, mode=mode)
    write(ehr.url, patient, link, mode=mode)
    names = {}
    for number, one in enumerate(ehr.of_link(patient, link).values()):
        if one["resourceType"] != "Provenance":
            # The same identifiers and all else that they say, but for the link's tag.
            names[ehr.put(untagged(one, f"theirs-{patient}-{number}"))] = one
    # One with the tag as well, under an id that is none of ours and without our key.
    weight = next(one for one in names.values() if "valueQuantity" in one)
    own = [one for one in weight["identifier"] if one["system"] == RECORD_SYSTEM]
    copy = {**weight, "id": f"copy-{patient}", "identifier": own, "status": "amended"}
    names[ehr.put(copy)] = copy
    before = {name: ehr.read(name) for name in names}

    ended = ohx("--link", link, "--yes")

    assert ended.exit_code == 0, ended.output
    assert {name: ehr.read(name) for name in names} == before
    assert set(ehr.of_link(patient, link)) == {f"Observation/copy-{patient}"}
    assert "1 resource with its tag that others wrote: not touched" in ended.stdout


@pytest.mark.parametrize("mode", ["put-id", "conditional-update"])
def test_a_perfect_copy_cannot_be_told_from_ours_so_both_stay_and_are_named(
    ohx, store, ehr, patient, mode
):
    link = linked(store, ehr.url, patient, mode=mode)
    write(ehr.url, patient, link, mode=mode)
    ours = next(one for one in ehr.of_link(patient, link).values() if "valueQuantity" in one)
    copy = ehr.put(ours | {"id": "0a1b2c3d-0000-4000-8000-" + secrets.token_hex(6)})
    both = {f"Observation/{ours['id']}", copy}
    before = {name: ehr.read(name) for name in both}

    ended = ohx("--link", link, "--yes")

    assert ended.exit_code == 1
    assert {name: ehr.read(name) for name in both} == before
    assert both <= set(ehr.of_link(patient, link))
    assert all(name in ended.stderr for name in both)


def test_an_ehr_that_deletes_nothing_keeps_all_of_it_entered_in_error_and_that_is_status_1(
    ohx, sandbox, store, ehr, patient, link
):
    sandbox.post("ehr/settings", deletes=False)

    ended = ohx("--link", link, "--yes")

    left = ehr.of_link(patient, link)
    assert ended.exit_code == 1
    assert len(left) == 3 * A_DAY + 3
    assert {status(one) for one in left.values() if one["resourceType"] != "Provenance"} == {
        "entered-in-error"
    }
    assert (
        "EHR connection clinic did not delete 15 resources: 14 of them are marked "
        "entered-in-error, 0 still read as valid"
    ) in ended.stderr
    assert deeds(store, link) == [
        ("erase_asked", "obs 12, prov 1, assoc 1, consent 1"),
        ("erase_marked", "14 of 14 marked"),
        ("erased", "0 deleted, 15 left"),
    ]
    # Once it may, the next run does what was left.
    sandbox.post("ehr/settings", deletes=True)
    assert ohx("--link", link, "--yes").exit_code == 0
    assert ehr.of_link(patient, link) == {}


def test_retracting_only_deletes_nothing_and_keeps_what_was_said(ohx, store, ehr, patient, link):
    before = ehr.of_link(patient, link)

    ended = ohx("--link", link, "--yes", "--retract-only")

    assert ended.exit_code == 0, ended.output
    assert f"Nothing of link {link} reads as valid" in ended.stdout
    after = ehr.of_link(patient, link)
    assert after.keys() == before.keys()
    for name, one in after.items():
        was = before[name]
        if one["resourceType"] == "Provenance":
            assert one == was
            continue
        assert status(one) == "entered-in-error"
        changed = {part for part in one.keys() | was.keys() if one.get(part) != was.get(part)}
        assert changed == {"status", "meta"}
        labels = ("tag", "security", "profile")
        assert [one["meta"].get(part) for part in labels] == [
            was["meta"].get(part) for part in labels
        ]
    assert [what for what, _ in deeds(store, link)] == ["erase_asked", "erase_marked"]
    assert store.audit(link_id=link)[-1].who == f"operator {getpass.getuser()}"


def test_what_somebody_refers_to_stays_entered_in_error_and_the_rest_goes(ohx, ehr, patient, link):
    ours = ehr.of_link(patient, link)
    index = next(one for one in ours.values() if "derivedFrom" in one)
    reading = f"Observation/{index['id']}"
    theirs = ehr.put(
        {
            "resourceType": "Observation",
            "id": f"theirs-{patient}",
            "status": "final",
            "code": {"text": "review"},
            "subject": {"reference": f"Patient/{patient}"},
            "derivedFrom": [{"reference": reading}],
        }
    )

    ended = ohx("--link", link, "--yes")

    # What the reading itself derives from stays with it.
    assert ended.exit_code == 1
    left = ehr.of_link(patient, link)
    assert set(left) == {reading, index["derivedFrom"][0]["reference"]}
    assert {status(one) for one in left.values()} == {"entered-in-error"}
    assert ehr.read(theirs)["status"] == "final"
    assert "did not delete 2 resources: 2 of them are marked entered-in-error" in ended.stderr


def test_a_reading_that_the_ehr_no_longer_takes_costs_itself_alone(
    ohx, sandbox, ehr, patient, link
):
    # Strict servers refuse the whole Bundle for one entry; every weight is above this limit.
    sandbox.post("ehr/settings", limits={"29463-7": 1}, bad_entry="bundle", deletes=False)

    ended = ohx("--link", link, "--yes")

    left = ehr.of_link(patient, link).values()
    valid = [one for one in left if status(one) not in {None, "entered-in-error"}]
    assert ended.exit_code == 1
    assert {one["code"]["coding"][0]["code"] for one in valid} == {"29463-7"}
    assert "8 of them are marked entered-in-error, 6 still read as valid" in ended.stderr
    assert ohx("--link", link, "--yes", "--retract-only").exit_code == 1
    # Deleting needs no validity.
    sandbox.post("ehr/settings", deletes=True)
    assert ohx("--link", link, "--yes").exit_code == 0


def test_all_is_marked_before_anything_is_deleted(ohx, store, ehr, patient):
    seen = []

    def before(_, bundle):
        methods = {one["request"]["method"] for one in bundle["entry"]}
        valid = [one for one in ehr.of_link(patient, link).values() if "status" in one]
        seen.append((methods, {status(one) for one in valid}))

    with served(Forwarder(ehr.url, before=before)) as url:
        link = linked(store, url, patient)
        write(ehr.url, patient, link, days=40)
        assert ohx("--link", link, "--yes").exit_code == 0

    deleting = [statuses for methods, statuses in seen if methods == {"DELETE"}]
    assert len(deleting) > 2
    assert set().union(*deleting) == {"entered-in-error"}


def test_what_staff_change_in_the_meantime_is_kept_and_marked(ohx, store, ehr, patient):
    changed = []

    def before(number, bundle):
        if number == 1:
            resource = bundle["entry"][0]["resource"]
            there = ehr.read(f"{resource['resourceType']}/{resource['id']}")
            changed.append(ehr.put(there | {"note": [{"text": "seen by staff"}]}))

    with served(Forwarder(ehr.url, before=before)) as url:
        link = linked(store, url, patient)
        write(ehr.url, patient, link)
        assert ohx("--link", link, "--yes", "--retract-only").exit_code == 0

    [name] = changed
    now = ehr.read(name)
    assert (status(now), now["note"][0]["text"]) == ("entered-in-error", "seen by staff")


def test_an_ehr_that_does_not_keep_a_type_has_none_of_it(ohx, store, ehr, patient):
    with served(Forwarder(ehr.url, unknown={"DeviceAssociation", "Consent"})) as url:
        link = linked(store, url, patient)
        write(ehr.url, patient, link)

        ended = ohx("--link", link, "--yes")

    assert ended.exit_code == 0, ended.output
    assert {one.partition("/")[0] for one in ehr.of_link(patient, link)} == {
        "DeviceAssociation",
        "Consent",
    }


def test_an_ehr_in_trouble_is_one_sentence_and_the_next_run_goes_on(
    ohx, sandbox, ehr, patient, link
):
    sandbox.post("faults", target="ehr", kind="status", status=503, method="write", count=9)

    ended = ohx("--link", link, "--yes")

    assert ended.exit_code == 1
    assert "(HTTP 503). What is done is done: run this again to go on." in ended.stderr
    sandbox.post("faults/clear")
    assert ohx("--link", link, "--yes").exit_code == 0
    assert ehr.of_link(patient, link) == {}


def test_json_is_one_object_that_names_no_patient(ohx, ehr, patient, link):
    ended = ohx("--link", link, "--yes", "--json")

    assert json.loads(ended.stdout) == {
        "link": link,
        "ehr": "clinic",
        "retract_only": False,
        "done": True,
        "found": {"Provenance": 1, "Observation": 12, "DeviceAssociation": 1, "Consent": 1},
        "deleted": 15,
        "left": {},
        "left_valid": 0,
        "others": [],
        "unclear": [],
        "unseen": [],
    }
    assert patient not in ended.output
    assert ohx("--link", link, "--json").exit_code == 2


def test_where_nothing_is_left_there_is_nothing_to_ask(ohx, store, link):
    assert ohx("--link", link, "--yes").exit_code == 0

    ended = ohx("--link", link)

    assert ended.exit_code == 0
    assert "nothing that was written for it" in ended.stdout
    assert "[y/N]" not in ended.stdout


def test_an_ehr_that_grants_no_deletion_at_all_is_not_asked_for_every_reading(
    ohx, store, ehr, patient
):
    def refuse(method, sent):
        return 403 if method == "DELETE" or '"method":"DELETE"' in sent else None

    forwarder = Forwarder(ehr.url, refuse=refuse)
    with served(forwarder) as url:
        link = linked(store, url, patient)
        write(ehr.url, patient, link, days=10)

        ended = ohx("--link", link, "--yes")

    assert ended.exit_code == 1
    assert "42 of them are marked entered-in-error, 0 still read as valid" in ended.stderr
    # One for each Bundle: of Provenance, of readings twice, of the association, of the Consent.
    assert forwarder.asked.count("DELETE") == 5


def test_a_type_that_may_not_be_marked_costs_no_other_one(ohx, store, ehr, patient, link):
    def refuse(method, sent):
        if method == "POST":
            return 400
        return 403 if method == "PUT" and '"resourceType":"Observation"' in sent else None

    with served(Forwarder(ehr.url, refuse=refuse)) as url:
        reached_by(store, url)

        ended = ohx("--link", link, "--yes", "--retract-only")

    found = ehr.of_link(patient, link).values()
    assert ended.exit_code == 1
    assert "did not take the mark for 12 resources" in ended.stderr
    statuses = {one["resourceType"]: status(one) for one in found}
    assert statuses["Observation"] == "final"
    assert statuses["Consent"] == statuses["DeviceAssociation"] == "entered-in-error"


def test_a_type_that_is_left_out_and_may_not_be_searched_keeps_nothing_else_there_and_is_named(
    ohx, store, ehr, patient, link
):
    forwarder = Forwarder(ehr.url)

    def without_associations(environ, start_response):
        if environ["REQUEST_METHOD"] == "GET" and "DeviceAssociation" in environ["PATH_INFO"]:
            return Response(status=403)(environ, start_response)
        return forwarder(environ, start_response)

    with served(without_associations) as url:
        reached_by(store, url)
        assert ohx("--link", link, "--yes").exit_code == 1
        assert len(ehr.of_link(patient, link)) == 3 * A_DAY + 3
        store.set_left_out("clinic", ["DeviceAssociation"])

        ended = ohx("--link", link, "--yes")

    assert ended.exit_code == 1
    assert {one.partition("/")[0] for one in ehr.of_link(patient, link)} == {"DeviceAssociation"}
    assert "does not let us search DeviceAssociation" in ended.stderr


def test_long_work_says_how_far_it_is(ohx, store, ehr, patient, monkeypatch):
    monkeypatch.setattr(ehr_erase, "PROGRESS_SECONDS", 0.0)
    link = linked(store, ehr.url, patient)
    write(ehr.url, patient, link, days=52)

    said = [line.strip() for line in ohx("--link", link, "--yes").stderr.splitlines()]

    assert said[:3] == ["marked: 100 of 210", "marked: 200 of 210", "marked: 210 of 210"]
    counts = [re.fullmatch(r"deleted: (\d+) of 211", line)[1] for line in said[3:]]
    assert [int(one) for one in counts] == sorted(map(int, counts))
    assert counts[-1] == "211"


def test_an_ehr_that_takes_no_bundles_is_asked_one_by_one(ohx, store, ehr, patient):
    with served(Forwarder(ehr.url, refuse=lambda method, _: 405 * (method == "POST"))) as url:
        link = linked(store, url, patient)
        write(ehr.url, patient, link)

        ended = ohx("--link", link, "--yes")

    assert ended.exit_code == 0, ended.output
    assert ehr.of_link(patient, link) == {}


def test_the_ehr_is_asked_for_this_vendors_readings_alone(ohx, store, ehr, patient):
    # A clinic's Patient can have thousands of results that are none of ours.
    asked = []
    forwarder = Forwarder(ehr.url)

    def noting(environ, start_response):
        if environ["PATH_INFO"] == "/fhir/Observation":
            asked.append(environ["QUERY_STRING"])
        return forwarder(environ, start_response)

    with served(noting) as url:
        link = linked(store, url, patient)
        ohx("--link", link, "--yes")

    assert asked
    assert all("identifier=https" in query and "acme-record" in query for query in asked)


# Two Bundles of 100 and one of the rest are marked, then Provenance and readings are deleted.
@pytest.mark.parametrize("post", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_in_the_middle_leaves_nothing_that_the_next_run_does_not_finish(
    ohx, store, ehr, patient, post, moment
):
    running = []

    def kill(number, _):
        if number == post:
            os.kill(running[0].pid, signal.SIGKILL)
            running[0].wait(10)

    with served(Forwarder(ehr.url, **{moment: kill})) as url:
        link = linked(store, url, patient)
        write(ehr.url, patient, link, days=52)
        arguments = ["-m", "ohx_pipelines.cli", "ehr", "erase", "--link", link, "--yes"]
        running.append(
            subprocess.Popen(
                [sys.executable, *arguments], cwd=REPOSITORY, stdout=subprocess.DEVNULL
            )
        )
        assert running[0].wait(120) == -signal.SIGKILL

        left = ehr.of_link(patient, link)
        assert left
        if post > 3:
            valid = {status(one) for one in left.values() if "status" in one}
            assert valid <= {"entered-in-error"}
        ended = ohx("--link", link, "--yes")

    assert ended.exit_code == 0, ended.output
    assert ehr.of_link(patient, link) == {}
    assert deeds(store, link)[-1][1].endswith(" 0 left")
