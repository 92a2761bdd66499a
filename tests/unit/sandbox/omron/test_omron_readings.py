"""OMRON's listing: local dates, pages in its three styles, and what people measure."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.unit.sandbox.omron.omron_parts import (
    LATE,
    PLAIN,
    TRAVELLER,
    TWO_TRACKERS,
    TYPES,
    TYPIST,
    Omron,
)

LISTS = ("bloodPressure", "activity", "weight", "temperature", "oxygen")
LAST = "2026-11-21"
# Their phones write "-0800".
AMERICANS = {1, 4}


def instant(row):
    return datetime.fromisoformat(f"{row['dateTime']}+00:00")


def local(row):
    return datetime.fromisoformat(row["dateTimeLocal"])


def all_pages(omron, token, key="bloodpressurePaginationKey", **fields):
    """Follow a listing of blood pressure to its end; gives the ids of each page."""
    pages, more = [], {}
    while True:
        result = omron.result(token, type="bloodpressure", **fields | more)
        rows = result["bloodPressure"]
        assert result["measurementCount"] == len(rows)
        pages.append([row["id"] for row in rows])
        if not result["truncated"]:
            return pages
        assert len(pages) < 100
        if "paginationKey" in result:
            more = {key: result["paginationKey"][key]}
        elif "nextPaginationKey" in result:
            more = {key: result["nextPaginationKey"]}
        else:
            more = {"since": rows[-1]["dateTimeLocal"][:10]}


def test_without_a_type_every_granted_list_comes_and_with_one_that_list_alone(omron):
    access = omron.access()
    assert set(LISTS) <= set(omron.result(access, since="2026-11-01"))
    one = omron.result(access, since="2026-11-01", type="oxygen")
    assert [name for name in LISTS if name in one] == ["oxygen"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"since": "yesterday"},
        {"since": LAST, "type": "glucose"},
        {"since": LAST, "limit": "many"},
        {"since": LAST, "sortOrder": "up"},
        {"since": LAST, "includeHourlyActivity": "perhaps"},
        {"since": LAST, "bloodpressurePaginationKey": "made up"},
    ],
    ids=lambda fields: "-".join(fields) or "no-since",
)
def test_what_cannot_be_asked_is_refused_in_an_answer_of_http_200(omron, fields):
    answer = omron.measure(omron.access(), **fields)
    assert answer.status_code == 200
    assert answer.json["status"] != 0
    assert answer.json["reason"]
    assert "result" not in answer.json


def test_hourly_activity_may_be_asked_for(omron):
    fields = {"since": LAST, "includeHourlyActivity": "true"}
    assert omron.measure(omron.access(), **fields).json["status"] == 0


def test_since_means_the_date_on_the_readings_own_clock(omron):
    # 20 November 20:00 in Los Angeles is the 21st in UTC.
    result = omron.result(omron.access(1), since="2026-11-20", type="bloodpressure")
    rows = result["bloodPressure"]
    assert {row["dateTimeLocal"][:10] for row in rows} == {"2026-11-20"}
    assert "2026-11-21" in {row["dateTime"][:10] for row in rows}
    assert omron.result(omron.access(1), since="2026-11-21", type="oxygen")["oxygen"] == []


@pytest.mark.parametrize("person", range(5))
def test_local_time_less_the_offset_is_utc_and_ids_are_unique(omron, person):
    rows = [row for name in LISTS for row in omron.rows("2026-09-01", LAST, person)[name]]
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        told = row["dateTimeUtcOffset"]
        assert len(told) == (5 if person in AMERICANS else 6)
        shift = timedelta(hours=int(told[1:3]), minutes=int(told[-2:]))
        shift *= -1 if told[0] == "-" else 1
        assert local(row) - shift == instant(row).replace(tzinfo=None)


def test_ids_of_two_people_differ_and_are_beyond_what_a_float_holds(omron):
    ids = [{row["id"] for row in omron.rows(LAST, LAST, n)["activity"]} for n in range(3)]
    assert not ids[0] & ids[1]
    assert min(ids[0]) > 2**53


@pytest.mark.parametrize("paging", ["key", "nested_key"])
def test_keys_lead_through_all_pages_and_give_every_reading_once(omron, paging):
    omron.order("/omron/settings", paging=paging)
    access = omron.access()
    whole = all_pages(omron, access, since="2026-11-01")
    assert len(whole) == 1
    pages = all_pages(omron, access, since="2026-11-01", limit="7")
    assert [len(page) for page in pages[:-1]] == [7] * (len(pages) - 1)
    assert [one for page in pages for one in page] == whole[0]


def test_a_last_page_has_no_key_for_another(omron):
    access = omron.access()
    assert omron.result(access, since=LAST)["nextPaginationKey"] is None
    omron.order("/omron/settings", paging="nested_key")
    result = omron.result(access, since=LAST, type="weight")
    assert result["paginationKey"] == {"weightPaginationKey": None}


def test_a_page_that_holds_exactly_the_last_reading_is_the_last_page(omron):
    access = omron.access()
    fields = {"since": "2026-11-01", "type": "oxygen"}
    rows = omron.result(access, **fields)["oxygen"]
    assert omron.result(access, **fields, limit=str(len(rows)))["truncated"] is False
    assert omron.result(access, **fields, limit=str(len(rows) - 1))["truncated"] is True


def test_the_older_style_repeats_the_last_date_and_still_comes_to_an_end(omron):
    omron.order("/omron/settings", paging="since")
    access = omron.access()
    (whole,) = all_pages(omron, access, since="2026-11-01")
    for limit in ("1", "4"):
        pages = all_pages(omron, access, since="2026-11-01", limit=limit)
        times = Counter(one for page in pages for one in page)
        assert set(times) == set(whole)
        assert max(times.values()) > 1


def test_the_newest_come_first_when_asked_for(omron):
    access = omron.access()
    pages = {
        order: all_pages(omron, access, since="2026-11-01", limit="9", sortOrder=order)
        for order in ("asc", "desc")
    }
    flat = {order: [one for page in found for one in page] for order, found in pages.items()}
    assert flat["desc"] == flat["asc"][::-1]


def test_a_deployment_may_cap_pages_and_leave_fields_out(omron):
    omron.order("/omron/settings", page_size=3, leave_out=["deviceType", "pulse"])
    result = omron.result(omron.access(), since="2026-11-01", type="bloodpressure", limit="100")
    assert len(result["bloodPressure"]) == 3
    assert not {"deviceType", "pulse"} & set(result["bloodPressure"][0])
    assert "pulse" not in omron.rows(LAST, LAST)["bloodPressure"][0]


def test_everybody_has_the_same_readings_at_every_start():
    first, second = Omron(), Omron()
    for person in range(5):
        rows = first.rows("2026-10-01", LAST, person)
        assert rows == second.rows("2026-10-01", LAST, person)
        assert rows != first.rows("2026-10-01", LAST, (person + 1) % 5)


def test_a_month_holds_what_the_five_devices_measure(omron):
    rows = omron.rows("2026-10-15", "2026-11-14")
    days = Counter(row["dateTimeLocal"][:10] for row in rows["bloodPressure"])
    assert set(days.values()) <= {2, 3, 4, 5, 6}
    assert len(rows["oxygen"]) == 31
    assert 8 <= len(rows["weight"]) <= 28
    assert 2 <= len(rows["temperature"]) <= 16
    assert {row["dateTimeLocal"][11:] for row in rows["activity"]} == {"00:00:00"}


def test_readings_of_the_mode_for_fibrillation_have_zeros_and_a_flag(omron):
    rows = omron.rows("2026-06-01", LAST)["bloodPressure"]
    zeros = [row for row in rows if row["systolic"] == 0]
    assert zeros
    for row in zeros:
        assert (row["diastolic"], row["pulse"], row["possibleAfib"]) == (0, 0, True)
    flags = [row.get("possibleAfib") for row in rows if row["systolic"]]
    assert set(flags) == {None, False}


def test_americans_have_pounds_miles_and_fahrenheit_and_others_do_not(omron):
    for person, units in ((1, ("lb", "mile", "F")), (0, ("kg", "km", "C"))):
        rows = omron.rows("2026-09-01", LAST, person)
        assert {row["weightUnits"] for row in rows["weight"]} == {units[0]}
        assert {row["distanceUnits"] for row in rows["activity"]} == {units[1]}
        assert {row["temperatureUnits"] for row in rows["temperature"]} == {units[2]}


def test_a_total_of_the_day_grows_until_the_day_is_over(omron):
    # Noon in UTC is one o'clock in Stockholm.
    seen = []
    for hours in (0, 3, 3, 6, 24):
        omron.clock.advance(hours * 3_600)
        (row,) = omron.rows(LAST, LAST)["activity"][:1]
        seen.append((row["steps"], row["id"]))
    steps = [one for one, _ in seen]
    assert len({number for _, number in seen}) == 1
    assert 0 < steps[0] < steps[1] < steps[2] < steps[3] == steps[4]


def test_nothing_is_listed_before_it_was_uploaded(omron):
    for name in ("bloodPressure", "oxygen", "weight"):
        for row in omron.rows(LAST, "2026-11-23")[name]:
            assert instant(row).timestamp() < omron.clock.now()
    before = len(omron.rows(LAST, LAST)["oxygen"])
    omron.clock.advance(12 * 3_600)
    assert (before, len(omron.rows(LAST, LAST)["oxygen"])) == (0, 1)


def test_some_readings_come_days_after_they_were_taken(omron):
    days = [date(2026, 11, 21) + timedelta(days=number) for number in range(5)]
    (day,) = [str(one) for one in days if one.toordinal() % 5 == 0]
    omron.clock.advance(6 * 86_400)
    first = {row["id"] for row in omron.rows(day, day, LATE)["bloodPressure"]}
    omron.clock.advance(4 * 86_400)
    later = {row["id"] for row in omron.rows(day, day, LATE)["bloodPressure"]}
    assert first < later


def test_a_traveller_has_another_offset_for_some_days(omron):
    rows = omron.rows("2026-05-01", LAST, TRAVELLER)
    for name in ("bloodPressure", "activity"):
        offsets = {row["dateTimeUtcOffset"] for row in rows[name]}
        assert {"-0700", "-0800"} <= offsets
        assert offsets & {"+0100", "+0200"}
    stays = {row["dateTimeUtcOffset"] for row in omron.rows("2026-05-01", LAST, PLAIN)["activity"]}
    assert stays == {"-0300"}


def test_some_days_have_totals_of_two_devices(omron):
    rows = omron.rows("2026-10-01", LAST, TWO_TRACKERS)["activity"]
    by_day = Counter(row["dateTimeLocal"] for row in rows)
    assert set(by_day.values()) == {1, 2}
    of_one_day = [row for row in rows if by_day[row["dateTimeLocal"]] == 2][:2]
    assert len({row["deviceType"] for row in of_one_day}) == 2


def test_what_somebody_typed_in_names_no_device(omron):
    rows = omron.rows("2026-10-01", LAST, TYPIST)["weight"]
    typed = [row for row in rows if row.get("isManualEntry")]
    assert typed
    assert not any("deviceType" in row for row in typed)
    assert all("deviceType" in row for row in rows if row not in typed)


def test_the_night_of_the_clock_change_has_one_time_of_the_clock_twice(omron):
    # Stockholm set its clocks back on 25 October 2026 at three o'clock.
    rows = omron.rows("2026-10-25", "2026-10-25")["bloodPressure"]
    night = [row for row in rows if local(row).hour < 5]
    assert [row["dateTimeLocal"][11:] for row in night] == ["01:30:00", "02:30:00", "02:30:00"]
    assert [row["dateTimeUtcOffset"] for row in night] == ["+02:00", "+02:00", "+01:00"]
    zone = ZoneInfo("Europe/Stockholm")
    assert all(instant(row).astimezone(zone).replace(tzinfo=None) == local(row) for row in night)


def test_with_measures_alone_there_are_scales_and_cuffs():
    omron = Omron(data="measures")
    rows = omron.rows("2026-10-01", LAST)
    assert {name for name in LISTS if rows[name]} == {"bloodPressure", "weight"}
    assert set(omron.result(omron.access(), since=LAST)) >= {"activity"}


def test_types_are_asked_for_by_their_scope(omron):
    access = omron.access()
    for type_, name in zip(TYPES, LISTS, strict=True):
        result = omron.result(access, since="2026-10-01", type=type_)
        assert result[name] == omron.rows("2026-10-01", LAST)[name]
