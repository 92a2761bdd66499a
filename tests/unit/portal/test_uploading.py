"""Uploading a file: it is looked at first, carried over after a yes to just that, and kept nowhere."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from oauth_portal.app import create_app
from oauth_portal.file_words import CUTS, REFUSALS, ROW_WORDS
from ohx_pipelines.errors import EhrDown
from ohx_pipelines.importing import FileResult
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.providers.files.base import Cut, DateOrder, Refusal
from tests.unit.portal.conftest import Visit, facts, grant
from tests.unit.portal.made_up_files import (
    FILE,
    HEADER,
    WITH_A_BAD_ROW,
    as_file,
    done_day,
    failed_day,
)

MEGABYTE = 1024 * 1024
BERLIN = "Europe/Berlin"


def send(visit, step, content=FILE, *, app="beurer", **fields):
    given = {"zone": BERLIN, "file": as_file(content)} | fields
    present = {key: value for key, value in given.items() if value is not None}
    answer = visit.post(f"/upload/{app}/{step}", fields=present)
    # The whole page, as it grows, to its end.
    answer.get_data()
    answer.close()
    return answer


def token(answer):
    return re.search(r'name="check" value="([0-9a-f]{64})"', answer.text)[1]


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def checked_boxes(answer):
    return re.findall(r'name="data_type" value="(\w+)" checked', answer.text)


def yes(shown, **fields):
    """What the form of a checked file sends when nothing of it is touched but the button."""
    boxes = (
        {"boxes": "shown", "data_type": checked_boxes(shown)}
        if 'name="boxes"' in shown.text
        else {}
    )
    return {"check": token(shown)} | boxes | fields


def publish(visit, content=FILE, **fields):
    """Look at a file and say yes to it."""
    fields = {"zone": BERLIN} | fields
    shown = send(visit, "check", content, **fields)
    return send(visit, "publish", content, **yes(shown, **fields))


@pytest.fixture
def links(store, patient):
    """What the patient's links are by now."""
    patient_id = None

    def now():
        nonlocal patient_id
        with patient.http.session_transaction() as session:
            patient_id = session["patient"]
        return {one.provider: one for one in store.statuses(patient_id=patient_id)}

    return now


def test_a_file_is_shown_in_counts_and_dates_before_anything_is_carried_over(
    patient, importing, links
):
    shown = send(patient, "check")

    assert shown.status_code == 200
    assert "3 measurements, 1 November 2026 to 3 November 2026" in words(shown)
    assert "81.5" not in shown.text
    assert importing.published == []
    assert links() == {}


def test_a_yes_carries_the_file_over_into_a_link_of_its_own(patient, importing, links):
    answer = publish(patient)

    assert answer.status_code == 200
    assert "Your file is in your record" in answer.text
    assert "New in your record 2" in words(answer)
    link = links()["beurer"]
    assert (link.state, link.zone) == (LinkState.ACTIVE, BERLIN)
    assert [one for one, _ in importing.published] == [link.id]


def test_progress_is_told_day_by_day_before_the_result(patient):
    said = words(publish(patient))

    assert said.index("0 of 2 days done") < said.index("2 of 2 days done") < said.index("All 2")


def test_a_second_file_comes_to_the_same_link_in_the_same_zone(patient, files, importing, links):
    publish(patient)
    first = links()["beurer"].id
    page = patient.get("/upload/beurer").text
    publish(patient, zone="Asia/Tokyo")

    assert 'name="zone"' not in page
    assert "Times in the file are read in the time zone Europe/Berlin" in " ".join(page.split())
    assert [link for link, _ in importing.published] == [first, first]
    assert files["beurer"].parsed[-1][1].zone == ZoneInfo(BERLIN)


def test_another_file_than_the_one_looked_at_is_only_shown(patient, importing):
    shown = send(patient, "check")
    answer = send(patient, "publish", FILE + b"2026-11-09T07:00;80\n", check=token(shown))

    assert "This is not the file, or not as you saw it before" in answer.text
    assert "4 measurements" in answer.text
    assert importing.published == []


@pytest.mark.parametrize(
    "other",
    [{"zone": "Asia/Tokyo"}, {"date_order": "day-first"}, {"app": "omron_connect"}],
    ids=["zone", "date order", "app"],
)
def test_a_yes_holds_for_nothing_but_what_was_shown(patient, files, importing, other):
    files["omron_connect"].header = HEADER
    shown = send(patient, "check")
    answer = send(patient, "publish", **{"check": token(shown)} | other)

    assert "please look at it once more" in answer.text
    assert importing.published == []


@pytest.mark.parametrize("made_up", ["", "0" * 64, "ä"], ids=["none", "zeros", "no ascii"])
def test_a_made_up_yes_carries_nothing_over(patient, importing, made_up):
    assert "please look at it once more" in send(patient, "publish", check=made_up).text
    assert importing.published == []


def test_the_yes_of_another_session_carries_nothing_over(
    patient, other_patient, importing, new_visit
):
    again = new_visit()
    again.sign_in()
    shown = token(send(patient, "check"))

    for somebody in (other_patient, again):
        assert "please look at it once more" in send(somebody, "publish", check=shown).text
    assert importing.published == []


def test_a_yes_from_before_a_disconnecting_links_nothing_again(patient, importing, links, store):
    publish(patient, data_type="body")
    link = links()["beurer"]
    shown = send(patient, "check")
    assert patient.post(f"/links/{link.id}/disconnect").status_code == 303
    answer = send(patient, "publish", **yes(shown))

    assert "please look at it once more" in answer.text
    assert links()["beurer"].state is LinkState.UNLINKED
    assert len(importing.published) == 1


def test_a_yes_holds_for_nothing_but_what_was_shared_when_it_was_asked(
    patient, importing, links, store
):
    publish(patient, data_type="body")
    shown = send(patient, "check")
    assert "Only what you share is carried over: weight." in words(shown)
    assert "(you do not share this)" not in shown.text
    store.share(links()["beurer"].id, ["body", "blood_pressure"], who="patient")
    answer = send(patient, "publish", **yes(shown))

    assert "please look at it once more" in answer.text
    assert "Only what you share is carried over: weight; blood pressure." in words(answer)
    assert len(importing.published) == 1


def test_a_first_yes_without_boxes_shares_nothing(patient, importing, links):
    answer = send(patient, "publish", check=token(send(patient, "check")))

    assert "Please tick what you want to share." in answer.text
    assert importing.published == []
    assert links() == {}


def test_who_disconnects_while_the_file_is_read_is_shown_it_again(patient, files, importing, links):
    publish(patient, data_type="body")
    link = links()["beurer"]
    shown = send(patient, "check")
    files["beurer"].meanwhile = lambda: patient.post(f"/links/{link.id}/disconnect")
    answer = send(patient, "publish", **yes(shown))

    assert "In another window you disconnected" in answer.text
    assert links()["beurer"].state is LinkState.UNLINKED
    assert len(importing.published) == 1
    # What is shown now can be said yes to.
    send(patient, "publish", **yes(answer, data_type="body"))
    assert links()["beurer"].data_types == ("body",)
    assert len(importing.published) == 2


def test_a_link_that_came_with_another_zone_meanwhile_is_not_given_times_of_this_one(
    patient, files, importing, links, store
):
    shown = send(patient, "check")
    with patient.http.session_transaction() as session:
        patient_id = session["patient"]
    files["beurer"].meanwhile = lambda: store.open_file_link(
        patient_id=patient_id,
        provider="beurer",
        zone=ZoneInfo("America/New_York"),
        data_types=["body"],
    )
    answer = send(patient, "publish", **yes(shown))

    assert importing.published == []
    assert "In another window" in answer.text
    assert "Time zone America/New York" in words(answer)
    assert files["beurer"].parsed[-1][1].zone == ZoneInfo("America/New_York")


def test_a_link_that_was_begun_anew_in_another_zone_meanwhile_is_not_either(
    patient, files, importing, links, store
):
    publish(patient)
    link = links()["beurer"]
    shown = send(patient, "check")

    def elsewhere():
        patient.post(f"/links/{link.id}/disconnect")
        with patient.http.session_transaction() as session:
            patient_id = session["patient"]
        zone = ZoneInfo("America/New_York")
        store.open_file_link(
            patient_id=patient_id, provider="beurer", zone=zone, data_types=["body"]
        )

    files["beurer"].meanwhile = elsewhere
    answer = send(patient, "publish", **yes(shown))

    assert len(importing.published) == 1
    assert "Time zone America/New York" in words(answer)


def test_what_its_owner_chose_stays_chosen_when_something_else_is_asked(patient, importing):
    content = WITH_A_BAD_ROW.replace(b";82", b";either")
    chosen = {"zone": "Asia/Tokyo", "date_order": "day-first", "data_type": ["body"]}
    shown = send(patient, "check", content, **chosen)
    asked = send(patient, "publish", content, **yes(shown, **chosen))
    other = send(patient, "publish", content + b"2026-11-09T07:00;80\n", **yes(shown, **chosen))

    for answer in (asked, other):
        assert checked_boxes(answer) == ["body"]
        assert 'name="zone" value="Asia/Tokyo"' in answer.text
        assert 'name="date_order" value="day-first"' in answer.text
    assert "tick the box below" in asked.text
    assert "This is not the file" in other.text


def test_a_chosen_order_of_dates_is_still_chosen_when_another_file_is_refused(patient):
    answer = send(patient, "check", b"something else", date_order="month-first")

    assert 'value="month-first" required checked' in answer.text


@pytest.mark.parametrize("step", ["check", "publish"])
def test_who_is_not_signed_in_is_told_so_before_the_file_is_read(visit, files, step):
    answer = send(visit, step)

    assert answer.status_code == 401
    assert files["beurer"].parsed == []


def test_the_page_sends_who_is_not_signed_in_to_the_start(visit):
    assert visit.get("/upload/beurer").location == "/"


@pytest.mark.parametrize("path", ["", "/check", "/publish"])
def test_an_app_whose_files_are_not_taken_has_no_page(patient, path):
    address = f"/upload/withings{path}"
    answer = patient.post(address) if path else patient.get(address)

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"file": None}, "Please choose the file that your app exported."),
        ({"file": as_file(b"", name="")}, "Please choose the file that your app exported."),
        ({"zone": ""}, "Please choose your time zone."),
        ({"zone": "Mars/Olympus"}, "Please choose your time zone."),
        ({"zone": "../../etc/passwd"}, "Please choose your time zone."),
    ],
    ids=["no file", "an empty field", "no zone", "an unknown zone", "a path"],
)
def test_a_form_that_lacks_something_is_asked_for_it_again(patient, files, fields, said):
    answer = send(patient, "check", **fields)

    assert answer.status_code == 400
    assert said in answer.text
    assert files["beurer"].parsed == []


@pytest.mark.parametrize(
    "fields",
    [{"date_order": "year-first"}, {"more": as_file(FILE)}],
    ids=["an unknown order", "two files"],
)
def test_a_form_that_is_not_ours_is_refused(patient, files, fields):
    assert send(patient, "check", **fields).status_code == 400
    assert files["beurer"].parsed == []


def test_dates_that_can_be_read_in_two_ways_are_asked_about(patient, files, importing):
    content = FILE.replace(b"81.25", b"either")
    asked = send(patient, "check", content)
    wrong = send(patient, "check", content, date_order="month-first")
    publish(patient, content, date_order="day-first", partly="yes")

    assert asked.status_code == 422
    assert "which number of the dates is the day" in words(asked)
    assert 'value="day-first"' in asked.text
    assert "cannot be read as you chose" in words(wrong)
    assert files["beurer"].parsed[-1][1].date_order is DateOrder.DAY_FIRST
    assert len(importing.published) == 1


def test_a_file_that_is_not_whole_needs_a_tick(patient, importing):
    shown = send(patient, "check", WITH_A_BAD_ROW)
    without = send(patient, "publish", WITH_A_BAD_ROW, check=token(shown))
    assert importing.published == []
    ticked = send(patient, "publish", WITH_A_BAD_ROW, **yes(shown, partly="yes"))

    assert "Line 5 (body weight): A number cannot be read." in words(shown)
    assert "tick the box below" in without.text
    assert "Part of your file is in your record" in ticked.text
    assert len(importing.published) == 1


def test_a_file_that_was_cut_off_says_so(patient):
    assert "ends in the middle of a row" in send(patient, "check", FILE.rstrip()).text


def test_of_very_many_bad_rows_the_first_are_named_and_the_rest_counted(patient):
    shown = words(send(patient, "check", FILE + b"2026-11-04T07:10;x\n" * 300))

    assert shown.count("A number cannot be read.") == 50
    assert "and 250 more" in shown


@pytest.mark.parametrize("reason", Refusal, ids=[one.value for one in Refusal])
def test_every_refusal_says_what_to_do(patient, reason):
    answer = send(patient, "check", f"refuse {reason.value}".encode())

    assert answer.status_code == 422
    assert REFUSALS[reason] in answer.text.replace("&#39;", "'")


def test_every_word_about_rows_and_files_has_a_sentence():
    rows = {
        *("implausible", "number_unreadable", "date_unreadable", "time_unreadable"),
        *("date_too_early", "date_in_the_future", "pair_incomplete", "cells_missing"),
        *("cells_too_many", "formula", "device_error", "zone_unknown", "text_unreadable"),
        *("flag_unreadable", "repeated_hour", "skipped_hour"),
    }
    assert rows == set(ROW_WORDS)
    assert set(CUTS) == set(Cut)
    assert all(one.endswith(".") for one in [*ROW_WORDS.values(), *CUTS.values()])


def test_a_file_of_another_app_is_pointed_to_where_it_belongs(patient):
    answer = send(patient, "check", b"cuff;kg\n2026-11-01T07:00;81.5\n")

    assert "It looks like a file from OMRON connect." in words(answer)
    assert 'href="/upload/omron_connect"' in answer.text


def test_a_file_with_another_date_of_birth_is_refused(patient, importing, links):
    importing.anothers = True
    answer = send(patient, "check", FILE.replace(b"81.25", b"born"))

    assert answer.status_code == 409
    assert "This file seems to be somebody else’s" in answer.text
    assert links() == {}


def test_where_the_record_cannot_say_whose_file_it_is_nothing_is_carried_over(
    patient, importing, links
):
    importing.anothers = EhrDown(status=503)
    answer = send(patient, "check", FILE.replace(b"81.25", b"born"))

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert links() == {}


def test_what_is_shared_is_chosen_with_the_first_file(patient, links):
    publish(patient, data_type="body")

    assert links()["beurer"].data_types == ("body",)


def test_a_first_file_with_every_box_empty_is_not_carried_over(patient, importing):
    answer = publish(patient, data_type=None)

    assert "Please tick what you want to share." in answer.text
    assert importing.published == []


def test_days_that_failed_or_were_not_reached_say_what_to_do(patient, importing):
    first, second, third, fourth = (date(2026, 11, day) for day in (1, 2, 3, 4))
    days = (failed_day(second), failed_day(third, Outcome.EHR_REJECTED), done_day(fourth))
    importing.script = [FileResult(days=days, left=(first,))]
    said = words(publish(patient))

    assert "Not all of your file has arrived" in said
    assert "1 of 4 days have arrived in your record." in said
    assert "1 day was not reached in time. Upload the same file again to go on" in said
    assert "Your record did not answer in time. Upload the same file again later." in said
    assert "Please tell Riverside Clinic." in said


def test_days_that_the_time_ran_out_for_are_not_put_on_the_record(patient, importing):
    first, second, third = (date(2026, 11, day) for day in (1, 2, 3))
    late = replace(failed_day(second), error="out_of_time")
    importing.script = [FileResult(days=(late, done_day(third, created=1)), left=(first,))]
    said = words(publish(patient))

    assert "1 of 3 days have arrived in your record." in said
    assert "2 days were not reached in time. Upload the same file again to go on" in said
    assert "did not answer" not in said
    assert "did not arrive" not in said


def test_rows_that_could_not_be_read_are_named_at_the_end_as_well(patient):
    content = WITH_A_BAD_ROW + b"no day at all;80\n"
    said = words(publish(patient, content, partly="yes"))

    assert "Part of your file is in your record" in said
    assert "Your file is in your record" not in said
    assert "Line 5 (body weight): A number cannot be read." in said
    assert "Line 6 (body weight): A number cannot be read." in said
    assert "CANARY" not in said


def test_a_file_without_its_end_is_not_called_whole_afterwards(patient):
    said = words(publish(patient, FILE.rstrip(), partly="yes"))

    assert "Part of your file is in your record" in said
    assert "ends in the middle of a row" in said


def test_what_is_not_shared_is_counted_at_the_end_and_nothing_is_called_carried_over(
    patient, importing
):
    importing.script = [FileResult(days=(done_day(date(2026, 11, 1)),))]
    said = words(publish(patient, data_type="blood_pressure"))

    assert "Nothing was carried over" in said
    assert "No reading of this file is among what you share." in said
    assert "weight: 3 measurements" in said
    assert "in your record" not in said


def test_what_is_not_shared_is_marked_before_the_yes(patient):
    publish(patient, data_type="blood_pressure")

    assert "weight (you do not share this)" in words(send(patient, "check"))


def test_values_that_the_record_did_not_take_are_counted(patient, importing):
    reasons = {"value_unfit": 2, "number_unreadable": 1, "disabled": 4, "not_shared": 8}
    day = replace(done_day(date(2026, 11, 1), created=1), reasons=reasons)
    importing.script = [FileResult(days=(day,))]
    said = words(publish(patient, WITH_A_BAD_ROW, partly="yes"))

    assert "2 values were read, but not accepted in your record." in said


def test_a_defect_while_publishing_ends_in_words_and_a_number_and_no_text_of_it(
    patient, importing, caplog
):
    caplog.set_level(0)
    importing.error, importing.script = RuntimeError("CANARY 81.5"), [FileResult(days=())]
    answer = publish(patient)

    assert "Sorry, there is a problem on our side" in answer.text
    assert "CANARY" not in answer.text + caplog.text
    assert answer.text.rstrip().endswith("</html>")
    assert "event=unexpected_error" in caplog.text


def test_nothing_of_a_file_is_in_the_log(patient, caplog):
    caplog.set_level(0)
    publish(patient, WITH_A_BAD_ROW, partly="yes")
    send(patient, "check", b"CANARY")

    assert "event=file_checked code=in_part provider=beurer" in caplog.text
    assert "event=file_imported code=in_part provider=beurer link=" in caplog.text
    assert "event=file_refused code=unknown_format provider=beurer" in caplog.text
    for secret in ("CANARY", ".csv", "81.5", "2026-11-01"):
        assert secret not in caplog.text


def test_a_file_that_is_too_large_is_told_how_large_it_may_be(patient, services, identity, files):
    small = services.settings.uploads.model_copy(update={"most_megabytes": 1})
    settings = services.settings.model_copy(update={"uploads": small})
    visit = Visit(create_app(replace(services, settings=settings)), identity)
    visit.sign_in()
    # Encoded here: the test client would put so much into a temporary file of its own.
    fields = {
        "csrf_token": visit.csrf(),
        "zone": BERLIN,
        "file": FileStorage(BytesIO(b"x" * 2 * MEGABYTE), "x.csv"),
    }
    boundary, body = encode_multipart(fields)
    kind = f"multipart/form-data; boundary={boundary}"
    answer = visit.http.post("/upload/beurer/check", data=body, content_type=kind)

    assert answer.status_code == 413
    assert "A file may have at most 1 MB." in answer.text
    assert files["beurer"].parsed == []


def test_other_forms_stay_small(patient):
    answer = patient.post("/sign-out", fields={"file": as_file(b"x" * 17 * 1024)})

    assert answer.status_code == 413
    assert "The request was larger than this page accepts." in answer.text


def test_fields_that_are_no_file_stay_small(patient, files):
    assert send(patient, "check", more="x" * 300 * 1024).status_code == 413
    assert files["beurer"].parsed == []


def test_only_the_upload_pages_may_run_a_script_and_only_ours(patient):
    for answer in (patient.get("/upload/beurer"), send(patient, "check")):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.endswith("; script-src 'self'; connect-src 'self'")
        assert "default-src 'none'" in policy
    for answer in (patient.get("/"), publish(patient), patient.get("/upload/none")):
        assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_omron_readings_that_arrive_by_themselves_are_not_taken_from_a_file_as_well(
    services, vendor, identity, importing
):
    vendor.facts, vendor.grant = facts("omron", "OMRON"), grant("omron-user")
    visit = Visit(create_app(replace(services, providers={"omron": vendor})), identity)
    visit.sign_in()
    link = visit.link("omron")
    visit.post(f"/links/{link}/confirm")
    content = b"cuff;kg\n2026-11-01T07:00;81.5\n"

    for answer in (
        visit.get("/upload/omron_connect"),
        send(visit, "check", content, app="omron_connect"),
        send(visit, "publish", content, app="omron_connect"),
    ):
        assert answer.status_code == 409
        assert "These readings arrive by themselves" in answer.text
    assert "Not needed" in visit.get("/").text
    assert importing.published == []
    assert visit.get("/upload/beurer").status_code == 200


def test_who_uploads_files_is_told_before_the_same_readings_come_a_second_time(
    services, vendor, identity, importing
):
    vendor.facts = replace(facts("omron", "OMRON"), same_readings=("omron_connect",))
    visit = Visit(create_app(replace(services, providers={"omron": vendor})), identity)
    visit.sign_in()
    said = "You upload files from OMRON connect."
    assert said not in visit.get("/connect/omron").text

    content = b"cuff;kg\n2026-11-01T07:00;81.5\n"
    shown = send(visit, "check", content, app="omron_connect")
    send(visit, "publish", content, app="omron_connect", **yes(shown))

    assert len(importing.published) == 1
    assert said in visit.get("/connect/omron").text


def test_two_who_sign_in_for_one_record_do_not_both_upload_to_it(services, identity, importing):
    app = create_app(services)
    mother, father = Visit(app, identity), Visit(app, identity)
    mother.sign_in(subject="mother")
    father.sign_in(subject="father")
    assert publish(mother).status_code == 200

    answer = publish(father)

    assert answer.status_code == 409
    assert "Somebody else uploads files to this record" in answer.text
    assert len(importing.published) == 1


def test_rows_that_are_too_many_to_be_listed_are_counted(patient, files):
    content = WITH_A_BAD_ROW
    files["beurer"].more_notes = {"number_unreadable": 41, "repeated_hour": 2}

    assert "and 41 more" in words(send(patient, "check", content))
