"""What `getmeas` and `getdevice` list: windows, filters, paging, and the oddities of real data."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.unit.sandbox.world_parts import NOON, Sandbox

DAY = 86_400
WEEK_AGO = NOON - 7 * DAY
# `attrib` values that say whose reading it is; 1 is ambiguous, 17 undocumented.
SURE = {0, 2, 4, 5, 7, 8, 15}
MAPPED = {1, 4, 5, 6, 8, 9, 10, 11, 76, 77, 88}


@pytest.fixture
def month(sandbox):
    """Everybody's groups of the last 30 days, by position, as the vendor lists them."""
    sandbox.order("/withings/settings", rate_limit=10_000)
    found = {}
    for number in range(6):
        token = sandbox.tokens(number)["access_token"]
        pages = sandbox.every_group(token, startdate=NOON - 30 * DAY, enddate=NOON)
        found[number] = [group for page in pages for group in page]
    return found


def everyone(month):
    return [group for groups in month.values() for group in groups]


def kinds(group):
    return [measure["type"] for measure in group["measures"]]


def local(sandbox, number, group):
    return datetime.fromtimestamp(group["date"], ZoneInfo(sandbox.people[number].zone))


# Windows, filters, paging


def test_start_and_end_are_inclusive_on_the_measure_date(sandbox):
    token = sandbox.tokens()["access_token"]
    [groups, *_] = sandbox.every_group(token, startdate=WEEK_AGO, enddate=NOON)
    one = groups[5]["date"]
    [found] = sandbox.every_group(token, startdate=one, enddate=one)
    assert {group["date"] for group in found} == {one}
    [found] = sandbox.every_group(token, startdate=one + 1, enddate=one + 1)
    assert one not in {group["date"] for group in found}


def test_pages_together_hold_everything_once_and_more_is_an_integer(sandbox):
    token = sandbox.tokens()["access_token"]
    window = {"startdate": WEEK_AGO, "enddate": NOON}
    answer = sandbox.measures(token, **window)["body"]
    assert answer["more"] == 1
    assert type(answer["more"]) is int
    pages = sandbox.every_group(token, **window)
    sandbox.order("/withings/settings", page_size=1000)
    [whole] = sandbox.every_group(token, **window)
    assert len(pages) >= 2
    assert [group for page in pages for group in page] == whole


def test_an_answer_that_is_not_paged_says_nothing_of_paging(sandbox):
    body = sandbox.measures(sandbox.tokens()["access_token"], startdate=NOON, enddate=NOON)["body"]
    assert body == {"updatetime": NOON, "timezone": "Europe/Stockholm", "measuregrps": []}


@pytest.mark.parametrize(("category", "expected"), [("1", {1}), ("2", {2}), (None, {1, 2})])
def test_goals_are_listed_unless_real_measures_alone_are_asked_for(sandbox, category, expected):
    token = sandbox.tokens()["access_token"]
    asked = {} if category is None else {"category": category}
    pages = sandbox.every_group(token, startdate=WEEK_AGO, enddate=NOON, **asked)
    assert {group["category"] for page in pages for group in page} == expected


@pytest.mark.parametrize("name", ["meastype", "meastypes"])
def test_only_the_asked_types_are_listed(sandbox, name):
    token = sandbox.tokens()["access_token"]
    pages = sandbox.every_group(token, startdate=WEEK_AGO, enddate=NOON, **{name: "9,10"})
    found = [group for page in pages for group in page]
    assert {tuple(sorted(kinds(group))) for group in found} == {(9, 10)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"startdate": "yesterday"},
        {"meastypes": "weight"},
        {"category": "3"},
        {"offset": "-1"},
        {"lastupdate": NOON, "startdate": NOON},
        {"lastupdate": NOON, "enddate": NOON},
    ],
)
def test_wrong_parameters_are_invalid(sandbox, wrong):
    assert sandbox.measures(sandbox.tokens()["access_token"], **wrong)["status"] == 503


def test_nothing_is_listed_before_it_was_taken_and_uploaded(sandbox):
    token = sandbox.tokens()["access_token"]
    future = {"startdate": NOON - DAY, "enddate": NOON + 30 * DAY}
    now = sandbox.every_group(token, **future)
    assert all(group["created"] <= NOON for page in now for group in page)
    sandbox.clock.advance(DAY)
    token = sandbox.tokens()["access_token"]
    later = sandbox.every_group(token, **future)
    assert sum(map(len, later)) > sum(map(len, now))


def test_lastupdate_finds_what_was_uploaded_since_and_nothing_older(sandbox):
    token = sandbox.tokens(4)["access_token"]
    [since] = sandbox.every_group(token, lastupdate=NOON - DAY, category=1)
    assert since
    assert all(group["modified"] >= NOON - DAY for group in since)
    [taken] = sandbox.every_group(token, startdate=NOON - 3 * DAY, enddate=NOON, category=1)
    assert {g["grpid"] for g in taken if g["modified"] >= NOON - DAY} == {g["grpid"] for g in since}


@pytest.mark.parametrize("age_days", [2, 200])
def test_lastupdate_finds_a_change_of_an_old_reading(sandbox, age_days):
    token = sandbox.tokens()["access_token"]
    at = NOON - age_days * DAY
    [groups] = sandbox.every_group(token, startdate=at - DAY, enddate=at, meastypes="10")
    old = groups[0]
    sandbox.clock.advance(60)
    assert sandbox.every_group(token, lastupdate=NOON + 60) == [[]]
    sandbox.order(
        "/readings/change",
        login=sandbox.people[0].login,
        action="edit",
        grpid=old["grpid"],
        type=10,
        value=99,
        unit=0,
    )
    [[found]] = sandbox.every_group(token, lastupdate=NOON + 60)
    assert found["grpid"] == old["grpid"]
    assert found["date"] == old["date"]
    assert found["modified"] == NOON + 60


def test_the_body_names_the_zone_of_the_profile(sandbox):
    for number, person in enumerate(sandbox.people):
        body = sandbox.measures(sandbox.tokens(number)["access_token"], lastupdate=NOON)["body"]
        assert body["timezone"] == person.zone


# The oddities


def test_a_day_reads_the_same_at_every_start_and_every_time_it_is_asked_for(sandbox):
    def week(of):
        token = of.tokens(3)["access_token"]
        return of.every_group(token, startdate=WEEK_AGO, enddate=NOON)

    assert week(sandbox) == week(sandbox) == week(Sandbox())


@pytest.mark.parametrize("weeks_ago", range(1, 9))
def test_any_week_of_the_first_four_has_over_a_hundred_sure_readings_and_a_doubtful_one(
    sandbox, weeks_ago
):
    last = datetime.fromtimestamp(NOON, UTC).date() - timedelta(days=weeks_ago)
    sure = doubtful = 0
    for person in sandbox.people[:4]:
        groups = rows(sandbox, person, last - timedelta(days=6), last)
        once = {group["grpid"]: group for group in groups}.values()
        real = [group for group in once if group["category"] == 1]
        sure += sum(len(MAPPED & set(kinds(g))) for g in real if g["attrib"] in SURE)
        doubtful += sum(g["attrib"] == 1 for g in real)
    assert sure > 100
    assert doubtful >= 1


def rows(sandbox, person, first: date, last: date):
    query = {"login": person.login, "from": str(first), "to": str(last)}
    return sandbox.control.get("/rows", query_string=query).json


def test_group_numbers_are_nobody_elses(month):
    owners = defaultdict(set)
    for number, groups in month.items():
        for group in groups:
            owners[group["grpid"]].add(number)
    assert all(len(found) == 1 for found in owners.values())


def test_some_groups_are_listed_twice_under_one_number_and_are_then_equal(month):
    copies = defaultdict(list)
    for group in everyone(month):
        copies[group["grpid"]].append(group)
    twice = [found for found in copies.values() if len(found) > 1]
    assert twice
    assert all(found[0] == other for found in twice for other in found)


def test_every_attribution_of_interest_occurs(month):
    assert {0, 1, 2, 5, 7, 8, 15, 17} <= {group["attrib"] for group in everyone(month)}


def test_a_doubt_can_be_settled_by_a_second_group_of_the_same_taking(month):
    doubted = [g for g in everyone(month) if g["attrib"] == 1]
    settled = [g for g in everyone(month) if g["attrib"] == 8]
    assert settled
    for group in settled:
        assert any(
            other["date"] == group["date"]
            and other["measures"] == group["measures"]
            and other["grpid"] != group["grpid"]
            for other in doubted
        )


def test_manual_readings_name_no_device_and_device_readings_name_one_twice(month):
    for group in everyone(month):
        assert group["deviceid"] == group["hash_deviceid"]
        nothing = (group["deviceid"], group["modelid"], group["model"]) == (None, None, None)
        assert nothing == (group["attrib"] in {2, 4})


def test_the_same_quantity_comes_with_several_exponents(month):
    exponents = defaultdict(set)
    for group in everyone(month):
        for measure in group["measures"]:
            exponents[measure["type"]].add(measure["unit"])
    assert len(exponents[1]) > 1
    assert len(exponents[10]) > 1


def test_values_are_whole_numbers_of_plausible_size(month):
    limits = {1: (40, 120), 6: (5, 60), 9: (40, 110), 10: (85, 180), 11: (40, 120), 4: (1.3, 2.2)}
    for group in everyone(month):
        for measure in group["measures"]:
            assert type(measure["value"]) is int
            real = Decimal(measure["value"]).scaleb(measure["unit"])
            low, high = limits.get(measure["type"], (0, 100))
            assert low <= real <= high


def test_a_segmental_scale_repeats_types_inside_a_group_and_names_positions(month):
    scans = [group for group in month[3] if group["model"] == "Body Scan" and 5 in kinds(group)]
    assert scans
    for group in scans:
        assert Counter(kinds(group))[5] == Counter(kinds(group))[8] == 2
        assert any(measure.get("position") == 7 for measure in group["measures"])


def test_a_cuff_group_holds_both_pressures_and_the_pulse_twice_a_day_for_one_person(sandbox, month):
    cuff = [group for group in month[0] if 10 in kinds(group)]
    assert all(kinds(group) == [10, 9, 11] for group in cuff)
    per_day = Counter(local(sandbox, 0, group).date() for group in cuff)
    assert Counter(per_day.values())[2] >= 28


def test_a_pulse_can_come_from_a_scale_without_any_pressure(month):
    assert any(kinds(g) == [11] and g["model"] == "Body Comp" for g in everyone(month))


def test_types_that_hardly_anybody_maps_are_listed_too(month):
    listed = {kind for group in everyone(month) for kind in kinds(group)}
    assert {12, 91, 170, 173} <= listed


def test_two_people_share_a_scale_and_keep_their_own_groups(month):
    def scales(number):
        return {g["deviceid"] for g in month[number] if 1 in kinds(g) and g["deviceid"]}

    assert scales(0) == scales(1) != set()
    assert not {g["grpid"] for g in month[0]} & {g["grpid"] for g in month[1]}


def test_readings_stand_on_both_sides_of_local_midnight(sandbox, month):
    times = [local(sandbox, 3, group).time() for group in month[3]]
    assert any(time.hour == 0 and time.minute == 0 for time in times)
    assert any(time.hour == 23 and time.minute == 59 for time in times)


def test_somebody_has_days_without_any_reading(sandbox, month):
    days = {local(sandbox, 2, group).date() for group in month[2]}
    assert len(days) < 25


def test_some_readings_are_uploaded_hours_after_they_were_taken(month):
    assert any(group["created"] - group["date"] > 3_600 for group in month[4])


def test_the_account_starts_with_what_was_typed_in_400_days_ago(sandbox):
    token = sandbox.tokens()["access_token"]
    opened = NOON - 400 * DAY
    [first] = sandbox.every_group(token, startdate=0, enddate=opened - 10 * 3_600)
    assert [(group["attrib"], kinds(group)) for group in first] == [(4, [1, 4])]


# Devices


def test_the_device_list_names_what_the_measures_carry(sandbox, month):
    for number in range(6):
        token = sandbox.tokens(number)["access_token"]
        devices = sandbox.call("/v2/user", "getdevice", token=token)["body"]["devices"]
        used = {group["deviceid"]: group for group in reversed(month[number])}
        listed = {device["hash_deviceid"]: device for device in devices}
        assert used.keys() - {None} <= listed.keys()
        for found, group in used.items():
            if found is not None:
                assert listed[found]["model_id"] == group["modelid"]
                assert listed[found]["model"] == group["model"]
                assert listed[found]["timezone"] == sandbox.people[number].zone
                assert listed[found]["last_session_date"] == group["date"]


def test_device_types_are_the_vendors_words(sandbox):
    token = sandbox.tokens(1)["access_token"]
    devices = sandbox.call("/v2/user", "getdevice", token=token)["body"]["devices"]
    assert {device["type"] for device in devices} == {
        "Scale",
        "Blood Pressure Monitor",
        "Smart Connected Thermometer",
    }
