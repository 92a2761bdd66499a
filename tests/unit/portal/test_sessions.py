"""Sessions: new at every sign-in, thirty minutes long, and over when they are ended."""

from __future__ import annotations

import time


def read_session(visit):
    with visit.http.session_transaction() as session:
        return dict(session)


def test_a_session_holds_an_id_a_patient_and_a_time(patient):
    session = read_session(patient)

    assert {"id", "patient", "since"} <= set(session) <= {"id", "patient", "since", "csrf_token"}
    assert len(session["id"]) >= 43


def test_each_sign_in_gives_a_new_session_and_csrf_token(patient):
    first, token = read_session(patient), patient.csrf()
    patient.sign_in()

    assert read_session(patient)["id"] != first["id"]
    assert patient.http.post("/sign-out", data={"csrf_token": token}).status_code == 400


def test_a_session_ends_after_thirty_minutes(patient):
    with patient.http.session_transaction() as session:
        session["since"] = int(time.time()) - 30 * 60 - 1
    assert "Sign in" in patient.get("/").text


def test_a_session_without_its_parts_is_nobody(visit):
    with visit.http.session_transaction() as session:
        session.update({"id": "x", "patient": "y"})
    assert "Sign in" in visit.get("/").text


def test_signing_out_ends_the_session_and_clears_the_site(patient):
    answer = patient.post("/sign-out")

    assert (answer.status_code, answer.location) == (303, "/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    page = patient.get("/").text
    assert "You are signed out." in page
    assert "Your devices" not in page


def test_a_copied_cookie_is_worth_nothing_after_signing_out(patient, new_visit):
    stolen = new_visit()
    copied = read_session(patient)
    with stolen.http.session_transaction() as session:
        session.update(copied)
    assert "Your devices" in stolen.get("/").text

    patient.post("/sign-out")

    assert "Your devices" not in stolen.get("/").text


def test_signing_out_twice_is_no_error(visit):
    assert visit.post("/sign-out").status_code == 303
