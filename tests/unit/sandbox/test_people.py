"""The people of the sandbox: always the same, and told apart by every system."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sandbox.people import make_people


def test_the_same_people_come_at_every_start():
    assert make_people(30) == make_people(30)


def test_more_people_leave_the_first_ones_as_they_are():
    assert make_people(200)[:6] == make_people(6)


@pytest.mark.parametrize(
    "known_by", ["name", "login", "user_id", "username", "subject", "patient_id"]
)
def test_no_two_people_share_what_a_system_knows_them_by(known_by):
    people = make_people(200)
    assert len({getattr(person, known_by) for person in people}) == 200


def test_a_run_of_its_own_gives_the_same_people_other_patients():
    people, others = make_people(6, "run1"), make_people(6, "run2")
    assert len({one.patient_id for one in (*people, *others, *make_people(6))}) == 18
    assert [one.login for one in people] == [one.login for one in others]
    # What FHIR lets an id be, and no server takes for a number.
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9.-]{0,63}", one.patient_id) for one in people)


def test_every_zone_exists():
    for person in make_people(200):
        ZoneInfo(person.zone)


def test_the_first_six_zones_have_six_offsets_and_one_of_them_a_half_hour():
    now = datetime(2026, 11, 20, tzinfo=UTC)
    offsets = {ZoneInfo(person.zone).utcoffset(now) for person in make_people(6)}
    assert len(offsets) == 6
    assert any(offset.seconds % 3600 == 1800 for offset in offsets)


@pytest.mark.parametrize("count", [0, -1, 201])
def test_a_count_that_cannot_be_made_is_refused(count):
    with pytest.raises(ValueError, match="1 to 200"):
        make_people(count)


def test_account_names_are_plain_text_that_forms_carry_unchanged():
    for person in make_people(200):
        assert (person.login + person.username).isascii()
