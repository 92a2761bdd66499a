"""Pro's other sections: glucose, temperature, pulse oximetry by session and by minute."""

import pytest

from tests.unit.providers.beurer.beurer_exports import (
    PRO_DE_HEAD,
    PRO_EN_HEAD,
    counted,
    notes,
    of,
    places,
    read,
)

GLUCOSE = "Blutzucker\nDatum;Uhrzeit;mg/dL;mmol/L;Markierung;HbA1c;Kommentar\n"
TEMPERATURE = "Temperatur\nDatum;Uhrzeit;°C;Kommentar;Medikation\n"
SESSIONS = (
    "Pulsoxymetrie\nDatum;Startzeit;Endzeit;Dauer;SpO2 (Min);SpO2 (Max);"
    "SpO2 (Durchschnitt);bpm;Kommentar;Medikation\n"
)
SESSIONS_EN = (
    "Pulse oximetry\nDate;Start time;End time;Duration;SpO2 (Min);SpO2 (Max);"
    "SpO2 (Average);bpm;Comment;Medication\n"
)
MINUTES = "Pulsoxymetrie\nDatum;Uhrzeit;SpO2;Pulsrate;Kommentar\n"


def test_glucose_is_published_in_one_unit_alone():
    parsed = read(
        PRO_DE_HEAD
        + GLUCOSE
        + "16.03.2026;07:10;98;5,4;;;\n16.03.2026;12:30;;6,1;;;\n16.03.2026;18:00;140;;nach;5,6;gut\n"
    )

    assert of(parsed, "glucose-2026-03-16T07:10") == {"blood_glucose": ("98", "mg/dL")}
    assert of(parsed, "glucose-2026-03-16T12:30") == {"blood_glucose_molar": ("6.1", "mmol/L")}
    assert of(parsed, "glucose-2026-03-16T18:00") == {"blood_glucose": ("140", "mg/dL")}
    assert counted(parsed) == {"2026-03-16": {"not_mapped": 2}}
    assert (parsed.rows, parsed.is_whole) == (3, True)


def test_a_glucose_column_without_its_unit_is_only_counted():
    parsed = read(PRO_DE_HEAD + GLUCOSE.replace("mmol/L", "...") + "16.03.2026;07:10;98;5,4;;;\n")

    assert of(parsed, "glucose-2026-03-16T07:10") == {"blood_glucose": ("98", "mg/dL")}
    assert counted(parsed) == {"2026-03-16": {"not_mapped": 1}}


@pytest.mark.parametrize(
    ("unit", "cell", "told"),
    [("°C", "36,8", ("36.8", "Cel")), ("°F", "98,2", ("98.2", "[degF]"))],
    ids=["celsius", "fahrenheit"],
)
def test_a_temperature_is_in_the_unit_that_titles_its_column(unit, cell, told):
    parsed = read(f"{PRO_DE_HEAD}{TEMPERATURE.replace('°C', unit)}17.03.2026;06:45;{cell};;\n")

    assert of(parsed, "temperature-2026-03-17T06:45") == {"body_temperature": told}
    assert places(parsed) == {
        "temperature-2026-03-17T06:45": ("2026-03-17T05:45:00+00:00", 60, "2026-03-17")
    }


@pytest.mark.parametrize("cell", ["21,5", "33,9", "42,3"], ids=["room", "below", "above"])
def test_a_rooms_temperature_is_refused_by_its_row(cell):
    parsed = read(
        f"{PRO_DE_HEAD}{TEMPERATURE}17.03.2026;06:45;{cell};;\n17.03.2026;06:50;34;;\n"
        "17.03.2026;06:55;42,2;;\n"
    )

    assert notes(parsed) == [(10, "implausible", "body_temperature")]
    assert {one.reason for one in parsed.unpublished} == {"implausible"}
    assert parsed.unpublished[0].day.isoformat() == "2026-03-17"
    assert {row.group for row in parsed.frame.itertuples()} == {
        "temperature-2026-03-17T06:50",
        "temperature-2026-03-17T06:55",
    }


@pytest.mark.parametrize(
    ("text", "language"),
    [(PRO_DE_HEAD + SESSIONS, "de"), (PRO_EN_HEAD + SESSIONS_EN, "en")],
    ids=["de", "en"],
)
def test_a_session_has_a_start_and_an_end(text, language):
    parsed = read(text + "18.03.2026;21:00;21:45;00:45;91;98;95,5;58;;\n")

    assert of(parsed, "oxygen-2026-03-18T21:00") == {
        "mean_oxygen_saturation": ("95.5", "%"),
        "minimum_oxygen_saturation": ("91", "%"),
        "maximum_oxygen_saturation": ("98", "%"),
        "mean_heart_rate": ("58", "/min"),
    }
    assert {
        (row.start.isoformat(), row.end.isoformat(), row.end_offset_minutes)
        for row in parsed.frame.itertuples()
    } == {("2026-03-18T20:00:00+00:00", "2026-03-18T20:45:00+00:00", 60)}
    assert (parsed.language, counted(parsed), parsed.is_whole) == (language, {}, True)


@pytest.mark.parametrize(
    ("row", "start", "end", "offsets"),
    [
        ("18.03.2026;23:10;06:40", "2026-03-18T22:10", "2026-03-19T05:40", (60, 60)),
        ("28.03.2026;23:10;06:40", "2026-03-28T22:10", "2026-03-29T04:40", (60, 120)),
        ("24.10.2026;23:10;06:40", "2026-10-24T21:10", "2026-10-25T05:40", (120, 60)),
        ("31.12.2025;23:59;00:00", "2025-12-31T22:59", "2025-12-31T23:00", (60, 60)),
        ("18.03.2026;06:40;06:40", "2026-03-18T05:40", "2026-03-18T05:40", (60, 60)),
    ],
    ids=["winter", "shorter-night", "longer-night", "new-year", "no-time"],
)
def test_a_session_across_midnight_ends_on_the_next_day(row, start, end, offsets):
    parsed = read(f"{PRO_DE_HEAD}{SESSIONS}{row};;91;98;95;58;;\n")

    (taken,) = {
        (one.start.isoformat(), one.end.isoformat(), one.offset_minutes, one.end_offset_minutes)
        for one in parsed.frame.itertuples()
    }
    assert taken == (f"{start}:00+00:00", f"{end}:00+00:00", *offsets)
    day, time = row.split(";")[:2]
    year_first = "-".join(reversed(day.split(".")))
    assert set(parsed.frame["record"]) == {f"oxygen-{year_first}T{time}"}
    assert {one.isoformat() for one in parsed.frame["day"]} == {year_first}


def test_a_session_without_a_readable_end_is_refused():
    parsed = read(f"{PRO_DE_HEAD}{SESSIONS}18.03.2026;21:00;;;91;98;95;58;;\n")

    assert notes(parsed) == [(10, "time_unreadable", None)]
    assert parsed.frame.empty


def test_older_exports_tell_of_each_minute():
    parsed = read(
        f"{PRO_DE_HEAD}{MINUTES}18.03.2026;21:01;96;59;\n18.03.2026;21:00;97;0;\n"
        "18.03.2026;20:59;49;61;\n"
    )

    assert of(parsed, "oxygen-2026-03-18T21:01") == {
        "oxygen_saturation": ("96", "%"),
        "heart_rate": ("59", "/min"),
    }
    assert of(parsed, "oxygen-2026-03-18T21:00") == {"oxygen_saturation": ("97", "%")}
    assert of(parsed, "oxygen-2026-03-18T20:59") == {"heart_rate": ("61", "/min")}
    assert notes(parsed) == [(12, "implausible", "oxygen_saturation")]
    assert set(parsed.frame["end"]) == {None}
