"""What a file as a whole must be: one owner, an end, a known format; and what never leaves it."""

import pytest

from ohx_pipelines.measurements import check_frame
from ohx_pipelines.providers.beurer import BEURER
from ohx_pipelines.providers.files.base import Choices, Cut, FileRefused, Refusal
from tests.unit.providers.beurer.beurer_exports import (
    BERLIN,
    CLASSIC_HEAD,
    LEGEND,
    NOW,
    PRO_DE_HEAD,
    PRO_DE_PRESSURE,
    PRO_DE_WEIGHT,
    PRO_EN_HEAD,
    PRO_EN_WEIGHT,
    notes,
    of,
    places,
    read,
)

WEIGHT = "14.03.2026;07:52;71,4;22,3;17,9;56,2;42,1;2,9;44;62;5\n"
PRESSURE = "15.03.2026;20:11;127;79;63;95\n"
TEXT = PRO_DE_HEAD + PRO_DE_WEIGHT + WEIGHT + "\n" + PRO_DE_PRESSURE + PRESSURE + LEGEND
GLUCOSE = "Blutzucker\nDatum;Uhrzeit;mg/dL\n"
OTHER_HEAD = PRO_DE_HEAD.replace("Kim", "Robin")
OMRON_US = (
    "Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Symptoms,Consumed,TruRead,Notes\n"
)
OMRON_DE = "Datum,Zeit,Systolisch,Diastolisch,Puls,Symptome,Eingenommen,TruRead\n"
OMRON_SCALE = '"Measurement Date","Timezone","Weight(kg)","Body Fat(%)","BMI","Device"\n'


def refusal(text, **how):
    with pytest.raises(FileRefused) as refused:
        read(text, **how)
    return refused.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_encodings_and_line_ends_change_nothing(encoding, line_end):
    text = TEXT.replace("\n", line_end)
    parsed = read(text, encoding=encoding)

    check_frame(parsed.frame)
    assert parsed.is_whole
    assert parsed.frame.equals(read(TEXT).frame)
    assert BEURER.recognizes(text.encode(encoding))


def test_tabs_in_a_user_block_do_not_separate_the_cells_of_rows():
    text = PRO_EN_HEAD + PRO_EN_WEIGHT + "14.03.2026;07:52;71,4;22,3;17,9;56,2;42,1;2,9\n"

    assert (read(text).separator, read(text).is_whole) == (";", True)


def test_bytes_that_are_no_text_cost_their_row():
    text = PRO_DE_HEAD + PRO_DE_PRESSURE + PRESSURE + PRESSURE.replace("20:11", "20:12")
    content = text.encode("cp1252").replace(b";63;95", b";6\x813;95", 1)
    parsed = BEURER.parse(content, Choices(zone=BERLIN, now=NOW))

    assert notes(parsed) == [(10, "text_unreadable", None)]
    assert [*places(parsed)] == ["pressure-2026-03-15T20:12"]


def test_two_owners_cost_the_file():
    text = PRO_DE_HEAD + PRO_DE_WEIGHT + WEIGHT + "\n" + OTHER_HEAD + PRO_DE_PRESSURE + PRESSURE
    refused = refusal(text)

    assert refused.reason is Refusal.SEVERAL_USERS
    assert "Robin" not in f"{refused!r} {refused} {refused.detail}"


def test_the_same_owner_twice_is_one():
    text = PRO_DE_HEAD + PRO_DE_WEIGHT + WEIGHT + "\n" + PRO_DE_HEAD + PRO_DE_PRESSURE + PRESSURE

    assert read(text).frame.equals(read(TEXT).frame)


@pytest.mark.parametrize(
    ("end", "word"),
    [
        ("14.03.2026;07:52;71,4;22,3", "cells_missing"),
        ("14.03.2026;07:52;71,4;22,3;17,9;56,2;42,1;2,9;44;62", "cells_missing"),
        ("14.03.2026;07:5", "cells_missing"),
        ("14.0", "cells_missing"),
        ('14.03.2026;07:52;71,4;22,3;17,9;56,2;42,1;2,9;44;62;"1', "cells_missing"),
        ('14.03.2026;07:52;71,4;22,3;17,9;56,2;42,1;2,9;44;62;"1\n', "cells_missing"),
        ('14.03.2026;07:52;"71', "cells_missing"),
    ],
    ids=["cells", "one-cell", "time", "date", "quote", "quote-and-end", "quoted-cell"],
)
def test_a_file_that_ends_inside_a_row_says_so(end, word):
    parsed = read(PRO_DE_HEAD + PRO_DE_WEIGHT + WEIGHT.replace("14.", "13.") + end)

    assert (parsed.cut, parsed.is_whole) == (Cut.ENDS_INSIDE, False)
    assert notes(parsed) == [(11, word, None)]
    assert [*places(parsed)] == ["weight-2026-03-13T07:52"]


def test_a_comment_may_be_left_out_but_not_cut_off():
    header = "Gewicht\nDatum;Uhrzeit;kg;Kommentar\n"
    text = PRO_DE_HEAD + header + "14.03.2026;07:52;71,4"

    assert read(text + "\n").is_whole
    assert (read(text).cut, notes(read(text))) == (Cut.ENDS_INSIDE, [(10, "cells_missing", None)])


def test_a_file_may_end_without_a_line_end():
    assert read(TEXT.strip()).is_whole
    assert read(PRO_DE_HEAD + GLUCOSE + '14.03.2026;07:52;"180"').is_whole
    assert read(PRO_DE_HEAD + GLUCOSE.strip() + ";Kommentar\n14.03.2026;07:52;180;18").is_whole
    assert read(PRO_DE_HEAD + GLUCOSE.strip() + ";Kommentar\n14.03.2026;07:52;180;").is_whole


@pytest.mark.parametrize("cell", ["18", "18 ", "5,", "0"], ids=repr)
def test_a_number_that_the_file_ends_in_may_lack_digits(cell):
    begin = PRO_DE_HEAD + GLUCOSE + "14.03.2026;07:52;180\n"
    cut, whole = read(f"{begin}15.03.2026;07:52;{cell}"), read(f"{begin}15.03.2026;07:52;18\n")

    assert (whole.cut, whole.is_whole) == (None, True)
    assert not cut.is_whole
    assert cut.cut is Cut.ENDS_INSIDE or notes(cut)


def test_a_number_that_the_file_ends_in_may_lack_digits_behind_a_comment_of_two_lines():
    header = "Gewicht\nDatum;Uhrzeit;Kommentar;kg\n"
    parsed = read(f'{PRO_DE_HEAD}{header}14.03.2026;07:52;"one\ntwo";8')

    assert parsed.cut is Cut.ENDS_INSIDE


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("14.13.2026;07:52;71,4;;;;;;;;\n", "date_unreadable"),
        ("gestern;07:52;71,4;;;;;;;;\n", "date_unreadable"),
        (";07:52;71,4;;;;;;;;\n", "date_unreadable"),
        ("=A1;07:52;71,4;;;;;;;;\n", "formula"),
        ("14.03.2026;25:00;71,4;;;;;;;;\n", "time_unreadable"),
        ("14.03.2026;;71,4;;;;;;;;\n", "time_unreadable"),
        ("14.03.1999;07:52;71,4;;;;;;;;\n", "date_too_early"),
        ("01.12.2026;07:52;71,4;;;;;;;;\n", "date_in_the_future"),
        ("14.03.2026;07:52;71,4\n", "cells_missing"),
        ("14.03.2026;07:52;71,4;;;;;;;;;8\n", "cells_too_many"),
    ],
    ids=lambda value: value if value.islower() and "_" in value else "row",
)
def test_a_bad_row_costs_only_itself(row, word):
    parsed = read(PRO_DE_HEAD + PRO_DE_WEIGHT + row + WEIGHT)

    assert notes(parsed) == [(10, word, None)]
    assert [*places(parsed)] == ["weight-2026-03-14T07:52"]
    assert (parsed.cut, parsed.rows) == (None, 2)


@pytest.mark.parametrize(
    ("cell", "word"),
    [("abc", "number_unreadable"), ("+1", "formula"), ("401", "implausible")],
    ids=str,
)
def test_a_bad_value_costs_only_itself(cell, word):
    parsed = read(PRO_DE_HEAD + PRO_DE_WEIGHT + WEIGHT.replace("71,4", cell))

    assert notes(parsed) == [(10, word, "body_weight")]
    assert of(parsed, "weight-2026-03-14T07:52")["fat_ratio"] == ("17.9", "%")
    assert [(one.metric, one.reason) for one in parsed.unpublished] == [("body_weight", word)]


def test_empty_comments_may_be_left_out_and_long_ones_go_on_below():
    header = "Datum;Uhrzeit;kg;Kommentar;Medikation\n"
    text = PRO_DE_HEAD + "Gewicht\n" + header + "14.03.2026;07:52;71,4\n"
    long = '15.03.2026;07:52;71,5;"Blutdruck\nDatum;Uhrzeit\n\nbis morgen";\n'

    assert [*places(read(text + long))] == ["weight-2026-03-14T07:52", "weight-2026-03-15T07:52"]
    assert read(text + long).is_whole


@pytest.mark.parametrize(
    "text",
    [
        OMRON_US + '"Jan 18, 2026","07:40","131","83","66"\n',
        "a;b\n1;2\n",
        "Hallo\n",
        "Zeitraum\nvon;bis\n",
    ],
    ids=["another-app", "table", "text", "block"],
)
def test_another_file_is_none_of_ours(text):
    assert refusal(text).reason is Refusal.UNKNOWN_FORMAT


@pytest.mark.parametrize(
    "text",
    [PRO_DE_HEAD, PRO_DE_HEAD + PRO_DE_WEIGHT, CLASSIC_HEAD.format(count=0)],
    ids=["head", "header", "classic"],
)
def test_an_export_without_readings_is_refused(text):
    assert refusal(text).reason is Refusal.NO_READINGS
