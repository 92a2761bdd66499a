"""OMRON connect's files look as the observed ones do, region by region."""

from datetime import date
from decimal import Decimal

from sandbox.files.sections import Options
from sandbox.files.variants import write
from tests.unit.sandbox.files.truth_parts import cuffed, lines_of, reading


def test_the_american_file_has_month_names_and_dashes_for_nothing():
    written = write("us", [cuffed("2025-01-06T08:46")], Options())
    assert lines_of(written) == [
        "Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Symptoms,Consumed,TruRead,Notes",
        "Jan 6 2025,08:46,127,79,63,-,-,-,-",
    ]


def test_the_american_file_is_named_by_its_period():
    options = Options(first=date(2025, 1, 1), last=date(2025, 1, 22))
    name = "Your Requested OMRON Report from Jan 01 2025 to Jan 22 2025.csv"
    assert write("us", [], options).name == name


def test_the_german_file_has_seventeen_columns_and_marks_flags():
    row = cuffed("2026-03-18T07:05", device="HEM-7361T", flags=frozenset({"afib", "movement"}))
    header, line = lines_of(write("de", [row], Options()))
    assert len(header.split(",")) == 17
    marked = '"-","X","-","-","-","-","X"'
    start = '"18 Mär. 2026","07:05","127","79","63","-","-","-"'
    assert line == f'{start},{marked},"HEM-7361T","-"'


def test_a_german_row_with_two_pressures_alone_ends_after_them():
    row = reading("pressure", "2026-01-18T07:05", {"sys": 127, "dia": 79})
    assert lines_of(write("de", [row], Options()))[1] == '"18 Jan. 2026","07:05","127","79"'


def test_a_row_with_a_device_was_measured_and_one_without_was_typed():
    rows = [cuffed(device="HEM-7361T", manual=False), cuffed("2026-03-14T07:00")]
    german = write("de", rows, Options()).rows
    assert {row.moment.day: row.manual for row in german} == {15: False, 14: True}
    assert all(row.manual and row.device is None for row in write("us", rows, Options()).rows)


def test_a_failed_measurement_is_marked_in_the_file_and_missing_in_the_truth():
    written = write("de", [cuffed(device="HEM-7361T", flags=frozenset({"error"}))], Options())
    assert lines_of(written)[1].split(",")[13] == '"X"'
    assert written.rows == ()


def test_what_no_column_tells_is_not_in_the_truth():
    row = cuffed(device="HEM-7361T", flags=frozenset({"afib"}))
    assert write("us", [row], Options()).rows[0].flags == frozenset()
    assert "map" not in write("de", [row], Options()).rows[0].values


def test_the_asian_file_names_the_zone_of_each_row():
    values = {"weight": "71.45", "body_fat": "17.9", "visceral_fat": "5", "bmr": "1540",
              "muscles": "36.1", "bmi": "22.3", "metabolic_age": "44"}  # fmt: skip
    row = reading("weight", "2026-07-01T12:08", values, device="HBF-702T", manual=False)
    written = write("scale-asia", [row], Options())
    header, line = (one.strip('"').split('","') for one in lines_of(written))
    cells = dict(zip(header, line, strict=True))
    assert (cells["Measurement Date"], cells["Timezone"]) == ("2026/07/01 12:08", "Europe/Berlin")
    assert (cells["Weight(kg)"], cells["Body Age(years old)"]) == ("71.45", "44")
    assert written.rows[0].values == {name: Decimal(value) for name, value in values.items()}
    assert (written.rows[0].device, written.rows[0].manual) == ("HBF-702T", False)
