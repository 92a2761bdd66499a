"""A file imported: newest first, within a time, gone on with, unchanged the second time, never a retraction."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from ohx_pipelines.errors import EhrDown, NotFound
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.importing import FileResult, Importing, Progress, bounds_from
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.link_sync import LinkSync
from ohx_pipelines.links.records import RecordState
from ohx_pipelines.measurements import to_frame
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.provider_settings import UploadSettings
from ohx_pipelines.providers.base import Unpublished
from ohx_pipelines.providers.files.base import ParsedFile
from ohx_pipelines.providers.registry import file_sources
from tests.unit.linked import link_file
from tests.unit.made_up import SCALE, MadeUpEhr, cuff, weighing

APP = "beurer"
# Days so far apart that no window takes both in.
WINTER, SUMMER = date(2026, 1, 5), date(2026, 6, 5)
LONG = 1000.0
SECRET = b"s" * 32


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self):
        return self.now


@dataclass
class SlowEhr(MadeUpEhr):
    """An EHR that takes so many seconds for each Bundle of Observations."""

    clock: Clock = field(default_factory=Clock)
    seconds: float = 0.0

    def batch(self, entries):
        if any(entry["resource"]["resourceType"] == "Observation" for entry in entries):
            self.clock.now += self.seconds
        return super().batch(entries)


@dataclass
class PatientReader:
    """Reads one Patient, or fails."""

    patient: dict | None = None
    error: Exception | None = None
    asked: list = field(default_factory=list)
    closed: int = 0

    def read(self, resource_type, id_):
        self.asked.append((resource_type, id_))
        if self.error:
            raise self.error
        return self.patient

    def close(self):
        self.closed += 1


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ehr(clock):
    return SlowEhr(clock=clock)


@pytest.fixture
def reader():
    return PatientReader()


@pytest.fixture
def importing(store, ehr, clock, reader):
    def publisher(_):
        return Publisher(ehr)

    return Importing(
        store=store,
        sync=LinkSync(
            store=store,
            providers={},
            publisher=publisher,
            mapping=load_mapping(),
            secret=SECRET,
            tries_again=False,
        ),
        records=LinkRecords(
            store=store, providers=file_sources(), publisher=publisher, secret=SECRET
        ),
        patient_reader=lambda _: reader,
        clock=clock,
    )


@pytest.fixture
def link(store):
    return link_file(store, "ada", provider=APP)


def weight(day, value="72.3", *, record="1", device=None):
    return replace(weighing(day, value, record=record), device=device)


def pressure(day):
    return [replace(row, device=None) for row in cuff(day)]


def a_file(*rows, **changes):
    given = {
        "frame": to_frame(list(rows)),
        "format": "hand-made",
        "language": None,
        "encoding": "utf-8",
        "separator": ";",
        "decimal_mark": ".",
        "date_order": None,
        "rows": len(rows),
    }
    return ParsedFile(**given | changes)


def published(importing, link, parsed, *, seconds=LONG):
    """Publish a file; gives its result."""
    *_, result = importing.publish(link.id, parsed, most_seconds=seconds)
    return result


def observations(ehr):
    return [one for (kind, _), one in ehr.held.items() if kind == "Observation"]


def outcomes(result):
    return {one.day: one.outcome.value for one in result.days}


def ehr_is_in_trouble(store, link):
    name = f"ehr {link.patient.ehr_connection_id}"
    with store.engine.begin() as connection:
        found = connection.exec_driver_sql("SELECT name, failing_links FROM breakers").all()
    return any(noted for of, noted in found if of == name)


def test_the_days_of_a_file_are_published_and_in_the_ledger(store, importing, link, ehr):
    result = published(importing, link, a_file(weight(WINTER), weight(SUMMER)))

    assert result.ok
    assert outcomes(result) == {WINTER: "synced", SUMMER: "synced"}
    assert (result.counts.created, result.left) == (2, ())
    rows = store.ledger(link.id)
    assert [(row.day, row.outcome.value) for row in rows] == [
        (WINTER, "synced"),
        (SUMMER, "synced"),
    ]
    [run] = {row.run_id for row in rows}
    assert run.startswith("file-")
    assert {one["status"] for one in observations(ehr)} == {"final"}


def test_the_newest_days_come_first(importing, link, ehr):
    published(importing, link, a_file(weight(WINTER), weight(SUMMER)))

    moments = [one["effectiveDateTime"][:10] for one in observations(ehr)]
    assert moments == [SUMMER.isoformat(), WINTER.isoformat()]


def test_progress_counts_link_days_and_the_result_comes_last(importing, link):
    *told, result = importing.publish(
        link.id, a_file(weight(WINTER), weight(SUMMER)), most_seconds=LONG
    )

    assert told == [Progress(done=n, of=2) for n in (0, 1, 2)]
    assert isinstance(result, FileResult)


def test_a_day_between_two_of_a_window_is_not_told_of(store, importing, link):
    days = [SUMMER, SUMMER + timedelta(days=9)]

    result = published(importing, link, a_file(*map(weight, days)))

    assert [one.day for one in result.days] == days
    assert [row.day for row in store.ledger(link.id)] == days


def test_what_was_not_reached_in_time_is_left_and_the_same_file_goes_on_there(
    store, importing, link, ehr
):
    ehr.seconds = 50
    parsed = a_file(weight(WINTER), weight(SUMMER))

    first = published(importing, link, parsed, seconds=40)

    assert (outcomes(first), first.left, first.ok) == ({SUMMER: "synced"}, (WINTER,), False)
    assert [row.day for row in store.ledger(link.id)] == [SUMMER]

    second = published(importing, link, parsed, seconds=LONG)

    assert (second.ok, second.left) == (True, ())
    assert (second.counts.created, second.counts.unchanged) == (1, 1)
    assert len(observations(ehr)) == 2


def test_a_window_that_is_halted_in_the_middle_says_which_days_were_not_done_and_is_gone_on_with(
    store, importing, link, ehr
):
    # Two readings a day for 80 days are two Bundles: an EHR takes at most 100 resources in one.
    days = [SUMMER + timedelta(days=n) for n in range(80)]
    parsed = a_file(*(weight(day, record=record) for day in days for record in "12"))
    ehr.seconds = 50

    first = published(importing, link, parsed, seconds=40)

    ended = {(one.outcome, one.error) for one in first.days}
    assert ended == {(Outcome.SYNCED, None), (Outcome.EHR_DOWN, "out_of_time")}
    assert (first.ok, len(first.days), first.left) == (False, 80, ())
    done = len(observations(ehr))
    assert 0 < done <= 100
    assert not ehr_is_in_trouble(store, link)

    second = published(importing, link, parsed)

    assert second.ok
    assert (second.counts.created, second.counts.unchanged) == (160 - done, done)
    assert len(observations(ehr)) == 160


def test_the_same_file_again_writes_nothing(importing, link, ehr):
    parsed = a_file(weight(WINTER), *pressure(WINTER), weight(SUMMER))
    published(importing, link, parsed)
    ehr.log.clear()

    again = published(importing, link, parsed)

    assert again.ok
    assert (again.counts.created, again.counts.updated, again.counts.retracted) == (0, 0, 0)
    assert [kind for action, kind in ehr.log if action == "write"] == []


def test_a_later_file_that_lacks_a_reading_retracts_nothing(importing, link, ehr):
    published(importing, link, a_file(weight(SUMMER, record="1"), weight(SUMMER, record="2")))

    later = published(importing, link, a_file(weight(SUMMER, record="1")))

    assert (later.ok, later.counts.unchanged) == (True, 1)
    assert (later.counts.retracted, later.counts.retraction_held) == (0, 0)
    assert {one["status"] for one in observations(ehr)} == {"final"}
    assert len(observations(ehr)) == 2


def test_a_reading_that_says_something_else_now_replaces_the_old_one(importing, link, ehr):
    published(importing, link, a_file(weight(SUMMER, "72.3")))

    later = published(importing, link, a_file(weight(SUMMER, "71.9")))

    assert (later.counts.updated, later.counts.created) == (1, 0)
    [one] = observations(ehr)
    assert str(one["valueQuantity"]["value"]) == "71.9"


def test_what_is_not_shared_is_counted_and_not_published(store, importing, ehr):
    link = link_file(store, "ada", provider=APP, data_types=("body",))

    result = published(importing, link, a_file(weight(SUMMER), *pressure(SUMMER)))

    assert (result.ok, result.counts.created) == (True, 1)
    assert len(observations(ehr)) == 1
    [day] = result.days
    assert day.reasons == {"not_shared": 3}


def test_a_value_that_could_not_be_read_is_counted_on_its_day(importing, link, ehr):
    refused = Unpublished(
        metric=None,
        record="weight-2026-06-05T08:00",
        group="weight-2026-06-05T08:00",
        occurrence=0,
        day=SUMMER,
        reason="implausible",
        held_back=False,
    )

    result = published(importing, link, a_file(weight(WINTER), unpublished=[refused]))

    assert [(one.day, one.counts.rejected) for one in result.days] == [(WINTER, 0), (SUMMER, 1)]
    assert result.days[1].reasons == {"implausible": 1}
    assert len(observations(ehr)) == 1


def test_a_file_for_a_link_that_was_ended_meanwhile_reaches_no_ehr(store, importing, link, ehr):
    store.begin_unlink(link.id, who="patient x")

    result = published(importing, link, a_file(weight(SUMMER)))

    assert outcomes(result) == {SUMMER: "not_consented"}
    assert observations(ehr) == []


def test_there_is_no_link_of_that_id(importing):
    with pytest.raises(NotFound):
        list(importing.publish("nobody", a_file(weight(SUMMER)), most_seconds=LONG))


def test_an_ehr_that_is_down_fails_the_days_and_not_the_import(store, importing, link, ehr):
    ehr.read_error = EhrDown()

    result = published(importing, link, a_file(weight(WINTER), weight(SUMMER)))

    assert outcomes(result) == {WINTER: "ehr_down", SUMMER: "ehr_down"}
    assert (result.ok, result.left) == (False, ())


def test_the_consent_is_copied_with_the_first_file_and_not_with_the_next(
    store, importing, link, ehr
):
    first = published(importing, link, a_file(weight(SUMMER)))
    ehr.log.clear()
    second = published(importing, link, a_file(weight(SUMMER)))

    assert first.copied.outcome is Outcome.SYNCED
    assert ehr.totals()["Consent"] == 1
    assert second.copied is None
    assert ("write", "Consent") not in ehr.log
    [status] = store.statuses(link_id=link.id)
    assert status.record is RecordState.WRITTEN


def test_a_file_that_names_no_device_makes_none(importing, link, ehr):
    published(importing, link, a_file(weight(SUMMER)))

    assert ehr.totals()["DeviceAssociation"] == 0
    assert "device" not in observations(ehr)[0]


def test_the_devices_that_a_file_names_are_the_patients_and_written_once(importing, link, ehr):
    parsed = a_file(weight(SUMMER, device=SCALE.device), devices={SCALE.device: SCALE})

    published(importing, link, parsed)
    before = ehr.totals()
    assert before["DeviceAssociation"] == 1
    assert "device" in observations(ehr)[0]
    ehr.log.clear()

    again = published(importing, link, parsed)

    assert (again.copied.created, again.copied.updated) == (0, 0)
    assert ehr.totals() == before
    assert [kind for action, kind in ehr.log if action == "write"] == []


@pytest.mark.parametrize(
    ("told", "known", "refused"),
    [
        (date(1957, 3, 4), {"birthDate": "1957-03-04"}, False),
        (date(1957, 3, 4), {"birthDate": "1957-04-03"}, True),
        (date(1957, 3, 4), {"birthDate": "1957-03"}, False),
        (date(1957, 3, 4), {"birthDate": "1957"}, False),
        (date(1957, 3, 4), {}, False),
        (date(1957, 3, 4), None, False),
    ],
    ids=["the-same", "another", "a-month", "a-year", "nothing", "no-patient"],
)
def test_a_file_of_somebody_born_on_another_day_is_anothers(
    importing, link, reader, told, known, refused
):
    reader.patient = known

    assert importing.is_anothers(link.patient, a_file(birth_date=told)) is refused
    assert reader.asked == [("Patient", "patient-ada")]
    assert reader.closed == 1


def test_a_file_without_a_birth_date_asks_the_ehr_nothing(importing, link, reader):
    assert importing.is_anothers(link.patient, a_file()) is False
    assert reader.asked == []


def test_an_ehr_that_cannot_be_asked_whose_a_file_is_says_so(importing, link, reader):
    reader.error = EhrDown()

    with pytest.raises(EhrDown):
        importing.is_anothers(link.patient, a_file(birth_date=date(1957, 3, 4)))
    assert reader.closed == 1


def test_the_settings_bound_what_is_read_of_a_file():
    settings = UploadSettings(most_megabytes=3, most_rows=7, most_seconds=11)

    bounds = bounds_from(settings)

    assert (bounds.most_bytes, bounds.most_rows, bounds.most_seconds) == (3 * 1024**2, 7, 11)


def test_nothing_of_a_file_is_in_a_repr():
    parsed = a_file(weight(SUMMER, "61.79"), birth_date=date(1957, 3, 4))

    assert "61.79" not in repr(parsed)
    assert "1957" not in repr(parsed)
