"""`ohx import`: what it shows of a file, what it refuses, and what it says of what was published."""

import json
import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from ohx_pipelines.cli.import_text import result_of
from ohx_pipelines.cli.main import main
from ohx_pipelines.errors import EhrDown
from ohx_pipelines.importing import FileResult
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.measurements import to_frame
from ohx_pipelines.metrics import Metric
from ohx_pipelines.outcomes import Counts, DayResult, Outcome, Stage
from ohx_pipelines.providers import registry
from ohx_pipelines.providers.base import DataType
from ohx_pipelines.providers.files.base import (
    DEFAULT_BOUNDS,
    Cut,
    DateOrder,
    FileRefused,
    ParsedFile,
    Refusal,
    RowNote,
)
from tests.unit.cli.complete_settings import set_all
from tests.unit.cli.conftest import Quiet
from tests.unit.linked import link_account, link_file
from tests.unit.made_up import MadeUpEhr, cuff, weighing

DAYS = [date(2026, 6, 5) + timedelta(days=n) for n in range(3)]
PERSON = "CANARY-person"


class Files:
    """An app whose files are lines of `day,kg`; asked how it was read by the tests."""

    def __init__(self, name):
        self.facts = replace(
            registry.file_sources()["beurer"].facts,
            name=name,
            title=name.title(),
            same_readings=("omron",) if name == "omron_connect" else (),
            data_types=(
                DataType(name="body", title="weight", metrics=frozenset({Metric.BODY_WEIGHT})),
                DataType(
                    name="blood_pressure",
                    title="blood pressure",
                    metrics=frozenset(row.metric for row in cuff(DAYS[0])),
                ),
            ),
        )
        self.changes, self.refusal, self.asked = {}, None, []

    def recognizes(self, content):
        return content.startswith(self.facts.name.encode())

    def parse(self, content, choices, *, bounds=DEFAULT_BOUNDS):
        self.asked.append((content, choices, bounds))
        if self.refusal:
            raise self.refusal
        if len(content) > bounds.most_bytes:
            raise FileRefused(Refusal.TOO_LARGE)
        lines = [line.split(",") for line in content.decode().splitlines()[1:]]
        rows = [weighing(date.fromisoformat(day), kg) for day, kg in lines]
        rows += cuff(date.fromisoformat(lines[0][0]))
        given = {
            "frame": to_frame([replace(row, device=None) for row in rows]),
            "format": f"{self.facts.name}-lines",
            "language": "de",
            "encoding": "utf-8",
            "separator": ",",
            "decimal_mark": ".",
            "date_order": None,
            "rows": len(lines),
        }
        return ParsedFile(**given | self.changes)


@pytest.fixture
def beurer():
    return Files("beurer")


@pytest.fixture
def apps(monkeypatch, beurer):
    monkeypatch.setattr(registry, "FILE_PROVIDERS", (beurer, Files("omron_connect")))


@pytest.fixture
def ehr():
    """A made-up EHR behind HTTP; `patient` is what it holds of the patient."""
    held = MadeUpEhr()
    held.patient = {"resourceType": "Patient", "id": "patient-ada", "birthDate": "1957-03-04"}

    @Request.application
    def app(request):
        try:
            answer = respond(request)
        except EhrDown:
            return Response("CANARY", status=503)
        return Response(json.dumps(answer), content_type="application/fhir+json")

    def respond(request):
        kind = request.path.removeprefix("/fhir/")
        if kind.startswith("Patient/"):
            return held.patient
        if request.method == "GET":
            wanted = [(name, value) for name, value in request.args.items(multi=True)]
            found = held.search(
                kind, [one for one in wanted if one[0] in {"patient", "date", "_id"}]
            )
            entries = [{"resource": one, "search": {"mode": "match"}} for one in found]
            return {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        answers = held.batch(json.loads(request.get_data())["entry"])
        entries = [{"response": one} for one in answers]
        return {"resourceType": "Bundle", "type": "batch-response", "entry": entries}

    http = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    held.url = f"http://127.0.0.1:{http.port}/fhir"
    yield held
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def link(store, ehr):
    made = link_file(store, "ada", data_types=("body",))
    move_ehr(store, ehr.url)
    return made.id


def move_ehr(store, url):
    store.save_ehr(
        name="default", url=url, auth="none", username=None, credential=None, timeout_seconds=5
    )


@pytest.fixture
def file(no_settings):
    """A file of three days, whose name tells whose it is."""
    path = no_settings / f"{PERSON}.csv"
    path.write_text("beurer\n" + "".join(f"{day},61.79\n" for day in DAYS))
    return path


@pytest.fixture
def ohx(no_settings, monkeypatch, database_url, apps):
    set_all(monkeypatch, database_url)
    return lambda *arguments: CliRunner().invoke(main, ["import", *map(str, arguments)])


def observations(ehr):
    return [one for (kind, _), one in ehr.held.items() if kind == "Observation"]


def test_a_file_is_shown_then_published_and_it_is_said_what_came_of_it(ohx, store, ehr, link, file):
    ended = ohx(file, "--link", link)

    assert ended.exit_code == 0, ended.output
    assert "Beurer, 3 rows of readings." in ended.stdout
    assert "3 days: 3 created, 0 updated, 0 unchanged, 0 rejected." in ended.stdout
    assert len(observations(ehr)) == 3
    assert [row.outcome.value for row in store.ledger(link)] == ["synced"] * 3
    assert "0 of 3 days done." in ended.stderr
    assert ended.stderr.splitlines()[-1] == "3 of 3 days done."


def test_the_preview_counts_by_kind_and_says_how_the_file_was_read(ohx, link, file):
    shown = ohx(file, "--link", link, "--preview").stdout.splitlines()

    assert shown[0] == (
        "Beurer, 3 rows of readings. format beurer-lines, language de, encoding utf-8, "
        "separator ',', decimal mark ., time zone Europe/Berlin."
    )
    assert ["body_weight", "3", "2026-06-05", "2026-06-07", "yes"] in [one.split() for one in shown]
    assert ["heart_rate", "1", "2026-06-05", "2026-06-05", "no"] in [one.split() for one in shown]


def test_a_preview_publishes_nothing(ohx, store, ehr, link, file):
    assert ohx(file, "--link", link, "--preview").exit_code == 0

    assert (ehr.log, store.ledger(link)) == ([], [])


def test_neither_a_value_nor_the_files_name_is_printed(ohx, link, file, beurer):
    beurer.changes = {"rejected": [RowNote(row=4, word="implausible", metric="body_weight")]}

    ended = ohx(file, "--link", link, "--partly")

    assert "61.79" not in ended.output
    assert PERSON not in ended.output


def test_the_same_file_again_changes_nothing(ohx, ehr, link, file):
    ohx(file, "--link", link)

    again = ohx(file, "--link", link)

    assert again.exit_code == 0
    assert "3 days: 0 created, 0 updated, 3 unchanged, 0 rejected." in again.stdout
    assert len(observations(ehr)) == 3


def test_the_file_is_read_in_the_links_zone_and_with_the_order_that_is_said(
    ohx, link, file, beurer
):
    ohx(file, "--link", link, "--preview", "--date-order", "month-first")

    [(_, choices, _)] = beurer.asked
    assert choices.zone.key == "Europe/Berlin"
    assert choices.date_order is DateOrder.MONTH_FIRST


def test_no_more_of_a_file_is_read_than_is_taken(ohx, link, file, beurer, monkeypatch):
    monkeypatch.setenv("OHX_UPLOADS__MOST_MEGABYTES", "1")
    file.write_bytes(b"beurer\n" + b"x" * 3_000_000)

    ended = ohx(file, "--link", link)

    assert ended.exit_code == 1
    assert "too_large" in ended.stderr
    assert "OHX_UPLOADS__MOST_MEGABYTES" in ended.stderr
    [(content, _, _)] = beurer.asked
    assert len(content) == 1024 * 1024 + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"rejected": [RowNote(row=17, word="implausible", metric="body_weight")]},
        {"cut": Cut.ENDS_INSIDE},
    ],
    ids=["a-row", "cut"],
)
def test_a_file_that_is_not_whole_is_published_only_when_that_is_said(
    ohx, ehr, link, file, beurer, changes
):
    beurer.changes = changes

    refused = ohx(file, "--link", link)

    assert refused.exit_code == 1
    assert "--partly" in refused.stderr
    assert ehr.log == []

    assert ohx(file, "--link", link, "--partly").exit_code == 0
    assert len(observations(ehr)) == 3


def test_rows_that_cannot_be_read_are_named_and_the_last_of_many_counted(ohx, link, file, beurer):
    beurer.changes = {
        "rejected": [RowNote(row=n, word="date_unreadable") for n in range(1, 61)],
        "taken_as": [RowNote(row=9, word="repeated_hour", metric="body_weight")],
        "cut": Cut.COUNT_DIFFERS,
        "ignored": {DAYS[0]: {"copy": 2}, DAYS[1]: {"copy": 1, "not_mapped": 4}},
    }

    shown = ohx(file, "--link", link, "--preview").stdout

    assert "Not read: 60\n  row 1: date_unreadable\n" in shown
    assert "  row 50: date_unreadable\n  and 10 more\n" in shown
    assert "Read by a rule: 1\n  row 9: repeated_hour (body_weight)\n" in shown
    assert "Left out: 3 copy, 4 not_mapped\n" in shown
    assert "The file is not whole: count_differs." in shown


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (FileRefused(Refusal.AMBIGUOUS_DATES), "ambiguous_dates. Say --date-order"),
        (FileRefused(Refusal.MIXED_DECIMALS, row=12), "mixed_decimals, row 12."),
        (FileRefused(Refusal.UNKNOWN_FORMAT), "unknown_format."),
    ],
    ids=lambda given: getattr(given, "detail", None) or "said",
)
def test_a_file_that_cannot_be_read_says_why_and_where(ohx, link, file, beurer, refusal, said):
    beurer.refusal = refusal

    ended = ohx(file, "--link", link)

    assert ended.exit_code == 1
    assert said in ended.stderr
    assert ended.stdout == ""


def test_another_apps_file_is_said_to_be_that(ohx, link, file, beurer):
    file.write_text("omron_connect\n2026-06-05,61.79\n")
    beurer.refusal = FileRefused(Refusal.UNKNOWN_FORMAT)

    assert "It looks like an export of Omron_Connect" in ohx(file, "--link", link).stderr


def test_a_file_of_somebody_born_on_another_day_is_refused(ohx, store, ehr, link, file, beurer):
    beurer.changes = {"birth_date": date(1960, 1, 1)}

    ended = ohx(file, "--link", link)

    assert ended.exit_code == 1
    assert "another date of birth" in ended.stderr
    assert "19" not in ended.stderr
    assert (observations(ehr), store.ledger(link)) == ([], [])


def test_a_file_of_the_patient_is_published(ohx, link, file, beurer):
    beurer.changes = {"birth_date": date(1957, 3, 4)}

    assert ohx(file, "--link", link).exit_code == 0


def test_an_ehr_that_does_not_answer_is_status_1_and_says_what_to_do(
    ohx, store, link, file, closed_port
):
    move_ehr(store, f"http://127.0.0.1:{closed_port}/fhir")

    ended = ohx(file, "--link", link)

    assert ended.exit_code == 1
    assert "3 days failed (ehr_down). Run the same again" in ended.stdout
    assert "The EHR has not taken note of what is shared yet (ehr_down)" in ended.stdout


def test_whose_a_file_is_must_be_known_where_it_says_so(
    ohx, store, link, file, beurer, closed_port
):
    move_ehr(store, f"http://127.0.0.1:{closed_port}/fhir")
    beurer.changes = {"birth_date": date(1957, 3, 4)}

    ended = ohx(file, "--link", link)

    assert ended.exit_code == 1
    assert "cannot be looked up in the EHR (ehr_down)" in ended.stderr
    assert store.ledger(link) == []


def test_days_that_were_not_reached_are_said_to_be_left():
    done = DayResult(day=DAYS[2], outcome=Outcome.SYNCED, counts=Counts(created=2))
    failed = DayResult(day=DAYS[1], outcome=Outcome.EHR_REJECTED, failed_stage=Stage.PUBLISHED)

    said = result_of(FileResult(days=(failed, done), left=(DAYS[0],)))

    assert "2 days: 2 created" in said
    assert "1 days failed (ehr_rejected)." in said
    assert "1 days were not reached. Run the same again: nothing is added twice." in said


def test_what_was_left_out_is_said_beside_the_result(ohx, store, link, file, beurer):
    beurer.changes = {
        "rejected": [RowNote(row=n, word="date_unreadable") for n in (5, 6)],
        "cut": Cut.ENDS_INSIDE,
    }
    store.share(link, ["blood_pressure"], who="operator test")

    ended = ohx(file, "--link", link, "--partly")

    *_, last = ended.stdout.splitlines()
    assert last == (
        "Not published, see above: 2 rows or values that could not be read; 3 readings that are not "
        "shared; the rest of a file that is not whole (ends_inside)."
    )


def test_of_a_whole_file_nothing_is_said_to_be_left_out(ohx, store, link, file):
    store.share(link, ["body", "blood_pressure"], who="operator test")

    assert "Not published" not in ohx(file, "--link", link).stdout


def test_a_link_that_is_not_there_is_said_to_be(ohx, file):
    ended = ohx(file, "--link", "aaaaaaaaaaaa")

    assert (ended.exit_code, "ohx links list" in ended.stderr) == (1, True)


@pytest.mark.parametrize("state", sorted(set(LinkState) - {LinkState.ACTIVE}))
def test_a_link_that_does_not_live_takes_no_file(ohx, store, ehr, link, file, state):
    store.set_state(link, state)

    ended = ohx(file, "--link", link)

    assert ended.exit_code == 1
    assert f"is {state.value}" in ended.stderr
    assert ehr.log == []


def test_a_clouds_link_takes_no_file(ohx, store, file):
    link = link_account(store, "71234567", provider="withings").id

    ended = ohx(file, "--link", link)

    assert ended.exit_code == 1
    assert "of which no files are taken here" in ended.stderr


def test_an_app_whose_files_are_not_taken_here_is_said_to_be(ohx, link, file, monkeypatch):
    monkeypatch.setenv("OHX_UPLOADS__APPS", "omron_connect")

    ended = ohx(file, "--link", link)

    assert ended.exit_code == 1
    assert "OHX_UPLOADS__APPS names omron_connect" in ended.stderr


def test_readings_that_a_cloud_brings_already_are_not_taken_from_a_file_too(ohx, store, file):
    link = link_file(store, "ada", provider="omron_connect").id
    cloud = link_account(store, "ada", provider="omron").id

    ended = ohx(file, "--link", link, "--preview")

    assert ended.exit_code == 1
    assert "would stand twice" in ended.stderr

    store.set_state(cloud, LinkState.UNLINKED)
    assert ohx(file, "--link", link, "--preview").exit_code == 0


def test_another_patients_cloud_keeps_nobody_from_importing(ohx, store, file):
    link = link_file(store, "ada", provider="omron_connect").id
    link_account(store, "ben", provider="omron")

    assert ohx(file, "--link", link, "--preview").exit_code == 0


def test_a_file_that_is_not_there_is_a_usage_error(ohx):
    assert ohx("nothing.csv", "--link", "aaaaaaaaaaaa").exit_code == 2
