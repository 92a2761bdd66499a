"""Sessions: new at every sign-in, thirty minutes long, and over when they are ended."""

from __future__ import annotations

import time

import pytest
from itsdangerous import URLSafeTimedSerializer

from oauth_portal.sessions import visitor_of


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


def cookies(visit):
    found = visit.http.get_cookie("ohx-portal")
    return f"other=1; {found.key}={found.value}; more=2"


def test_a_cookie_says_who_is_signed_in_before_the_request_is_there(app, patient):
    said = visitor_of(app, cookies(patient))

    assert said.patient_id == read_session(patient)["patient"]


def test_a_cookie_of_an_ended_session_says_nobody(app, patient):
    copied = cookies(patient)
    patient.post("/sign-out")

    assert visitor_of(app, copied) is None


def test_a_cookie_that_is_too_old_says_nobody(app, patient):
    with patient.http.session_transaction() as session:
        session["since"] = int(time.time()) - 30 * 60 - 1

    assert visitor_of(app, cookies(patient)) is None


@pytest.mark.parametrize(
    "made_up",
    ["", "nothing", "ohx-portal=", "ohx-portal=x.y.z", "ohx-portal=\xe4; ;=;", "\0"],
    ids=["none", "no pair", "an empty one", "no signature", "no letters", "nul"],
)
def test_what_is_no_cookie_of_ours_says_nobody(app, made_up):
    assert visitor_of(app, made_up) is None


def test_a_cookie_that_somebody_else_signed_says_nobody(app, patient):
    forged = URLSafeTimedSerializer("x" * 40, salt="cookie-session")
    sealed = forged.dumps(read_session(patient))

    assert visitor_of(app, f"ohx-portal={sealed}") is None


@pytest.mark.parametrize("held", [["x"], "x", None, 3], ids=["list", "text", "nothing", "number"])
def test_a_signed_cookie_that_holds_no_session_says_nobody(app, held):
    sealed = app.session_interface.get_signing_serializer(app).dumps(held)

    assert visitor_of(app, f"ohx-portal={sealed}") is None
