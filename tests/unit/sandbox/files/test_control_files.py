"""The control endpoint gives files and remembers what they said."""

from datetime import date, timedelta

import pytest

from sandbox.files.variants import VARIANTS
from sandbox.patients import as_patient, birth_date

EVERY = [(app, variant) for app, variants in VARIANTS.items() for variant in variants]
# The stand-in's clock shows 2026-11-21 12:00 UTC.
PERIOD = {"from": "2026-10-20", "to": "2026-10-31"}


def export(sandbox, app="beurer", variant="pro-de-comma", person=0, **days):
    login = sandbox.people[person].login
    query = {"login": login, "app": app, "variant": variant} | (days or PERIOD)
    answer = sandbox.control.get("/files/export", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer


def rows(sandbox, app="beurer", person=0, **days):
    query = {"login": sandbox.people[person].login, "app": app} | (days or PERIOD)
    return sandbox.control.get("/files/rows", query_string=query).json


def change(sandbox, action, row, **further):
    order = {"login": sandbox.people[0].login, "app": "beurer", "kind": row["kind"]}
    order |= {"action": action, "at": row["moment"]}
    return sandbox.control.post("/files/change", json=order | further)


def at(told, row):
    return [one for one in told if one["record"] == row["record"]]


@pytest.mark.parametrize(("app", "variant"), EVERY, ids=[variant for _, variant in EVERY])
def test_every_variant_can_be_exported_again_as_it_was(sandbox, app, variant):
    first, second = (export(sandbox, app, variant) for _ in range(2))
    assert first.data == second.data
    assert rows(sandbox, app)


@pytest.mark.parametrize(("app", "variant"), EVERY, ids=[variant for _, variant in EVERY])
def test_every_truth_row_is_a_line_of_the_file(sandbox, app, variant):
    text = export(sandbox, app, variant).data.decode("utf-8-sig")
    for row in rows(sandbox, app):
        assert text.count(row["moment"][11:]) >= 1 + row["occurrence"], row


def test_nothing_is_told_before_it_is_exported(sandbox):
    assert rows(sandbox) == []
    export(sandbox)
    assert rows(sandbox)
    assert rows(sandbox, person=1) == []


def test_the_file_comes_under_the_name_that_the_app_gives_it(sandbox):
    stated = export(sandbox, "omron_connect", "us").headers["Content-Disposition"]
    assert 'filename="Your Requested OMRON Report from Oct 20 2026 to Oct 31 2026.csv"' in stated


def test_the_owner_of_the_file_is_the_person_of_the_ehr(sandbox):
    person = sandbox.people[0]
    lines = export(sandbox).text.splitlines()
    day = birth_date(person)
    assert lines[2:5] == [
        "Vorname   Astrid",
        "Nachname   Lindqvist",
        f"Geburtsdatum   {day:%d.%m.%Y}",
    ]
    assert as_patient(person)["birthDate"] == day.isoformat()


def test_nothing_lies_later_than_the_clock(sandbox):
    export(sandbox, **{"from": "2026-11-18", "to": "2026-12-31"})
    moments = [row["moment"] for row in rows(sandbox, **{"from": "2026-11-18", "to": "2027-01-31"})]
    # Noon in London is one o'clock in Stockholm.
    assert max(moments) <= "2026-11-21T13:00"


def test_an_edit_shows_in_the_next_export_alone(sandbox):
    export(sandbox)
    weight = next(row for row in rows(sandbox) if row["kind"] == "weight")
    assert change(sandbox, "edit", weight).status_code == 200
    assert at(rows(sandbox), weight) == [weight]
    export(sandbox)
    (now,) = at(rows(sandbox), weight)
    assert float(now["values"]["weight"]) == pytest.approx(float(weight["values"]["weight"]) + 0.6)


def test_a_deleted_reading_that_was_exported_before_still_stands(sandbox):
    before = export(sandbox).text
    told = rows(sandbox)
    assert change(sandbox, "delete", told[0]).status_code == 200
    assert len(export(sandbox).text) < len(before)
    assert rows(sandbox) == told


def test_an_added_reading_is_in_the_next_export(sandbox):
    row = {
        "kind": "temperature",
        "moment": "2026-10-22T03:33",
        "record": "temperature-2026-10-22T03:33",
    }
    assert change(sandbox, "add", row).status_code == 200
    assert "22.10.2026;03:33;" in export(sandbox).text
    assert len(at(rows(sandbox), row)) == 1


def test_overlapping_exports_of_other_columns_add_up(sandbox):
    export(sandbox, variant="pro-de-11")
    with_pulse = rows(sandbox)
    export(sandbox, variant="pro-de-comma")
    assert rows(sandbox) == with_pulse


@pytest.mark.parametrize(("changes", "said"), [
    ({"action": "add"}, "cannot add"),
    ({"action": "edit", "at": "2026-10-22T03:34"}, "cannot edit"),
    ({"action": "sell"}, "action must be one of"),
    ({"kind": "steps"}, "kind must be one of"),
    ({"at": "2026-10-22"}, None),
    ({"at": "soon"}, "at must be a minute"),
    ({"at": "2026-10-22T03:33:01"}, "at must be a minute"),
    ({"app": "omron_connect", "kind": "glucose"}, "kind must be one of"),
])  # fmt: skip
def test_a_wrong_change_is_explained(sandbox, changes, said):
    export(sandbox)
    order = {"action": "edit"} | changes
    answer = change(sandbox, order.pop("action"), rows(sandbox)[0], **order)
    assert answer.status_code == 400
    assert (said or "cannot edit") in answer.json["error"]


@pytest.mark.parametrize("query", [
    {"app": "paper"}, {"variant": "us"}, {"login": "nobody"}, {"to": "2026-10-01"},
    {"from": "2016-01-01"},
], ids=lambda one: next(iter(one)))  # fmt: skip
def test_a_wrong_wish_is_explained(sandbox, query):
    wish = {"login": sandbox.people[0].login, "app": "beurer", "variant": "pro-de-comma"}
    answer = sandbox.control.get("/files/export", query_string=wish | PERIOD | query)
    assert (answer.status_code, bool(answer.json["error"])) == (400, True)


def test_three_years_are_written_in_a_moment(sandbox):
    first = date(2026, 11, 20) - timedelta(days=1095)
    answer = export(sandbox, **{"from": first.isoformat(), "to": "2026-11-20"})
    assert answer.text.count("\n") > 3000
