"""Which files are ours, the bounds of reading them, and what never leaves them."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.measurements import check_frame
from ohx_pipelines.providers.beurer import BEURER
from ohx_pipelines.providers.files.base import Bounds, Choices, FileRefused, Refusal
from tests.unit.providers.beurer.beurer_exports import (
    BERLIN,
    CLASSIC_HEAD,
    CLASSIC_WEIGHT,
    COACH,
    FOR_YOU_DE_HEAD,
    FOR_YOU_EN,
    LEGEND,
    NOW,
    PRO_DE_HEAD,
    PRO_DE_PRESSURE,
    PRO_DE_WEIGHT,
    PRO_EN_HEAD,
    PRO_EN_WEIGHT,
    read,
)

WEIGHT = "14.03.2026;07:52;71,4;22,3;17,9;56,2;42,1;2,9;44;62;5\n"
PRESSURE = "15.03.2026;20:11;127;79;63;95\n"
TEXT = PRO_DE_HEAD + PRO_DE_WEIGHT + WEIGHT + "\n" + PRO_DE_PRESSURE + PRESSURE + LEGEND
OMRON_US = (
    "Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Symptoms,Consumed,TruRead,Notes\n"
)
OMRON_DE = "Datum,Zeit,Systolisch,Diastolisch,Puls,Symptome,Eingenommen,TruRead\n"
OMRON_SCALE = '"Measurement Date","Timezone","Weight(kg)","Body Fat(%)","BMI","Device"\n'


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        (Bounds(most_bytes=10), Refusal.TOO_LARGE),
        (Bounds(most_seconds=0), Refusal.TOO_SLOW),
        (Bounds(most_line_bytes=20), Refusal.LINE_TOO_LONG),
    ],
    ids=["bytes", "seconds", "line"],
)
def test_bounds_hold(bounds, reason):
    with pytest.raises(FileRefused) as refused:
        BEURER.parse(TEXT.encode(), Choices(zone=BERLIN, now=NOW), bounds=bounds)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    "text",
    [
        CLASSIC_HEAD.format(count=1) + CLASSIC_WEIGHT,
        CLASSIC_WEIGHT,
        PRO_DE_HEAD,
        PRO_DE_WEIGHT,
        PRO_DE_PRESSURE,
        PRO_EN_HEAD + PRO_EN_WEIGHT,
        "Blutzucker\nDatum;Uhrzeit;mg/dL\n",
        FOR_YOU_DE_HEAD,
        FOR_YOU_EN,
        COACH,
        COACH.replace(";", ","),
        "User details\nGender\tFemale\n\nWeight\nDate;Time;kg\n",
    ],
    ids=range(12),
)
def test_every_variant_is_recognized_by_its_beginning(text):
    assert BEURER.recognizes(text.encode())
    assert BEURER.recognizes(text.encode() + "ä".encode() * 20_000)


@pytest.mark.parametrize(
    "content",
    [
        OMRON_US.encode(),
        OMRON_DE.encode(),
        OMRON_SCALE.encode(),
        b"",
        b"PK\x03\x04",
        b"\xff\xfe\x00",
        bytes(range(256)),
        b"Category;Date;Time\n",
    ],
    ids=["omron-us", "omron-de", "omron-scale", "empty", "zip", "odd", "bytes", "other"],
)
def test_what_is_not_ours_is_not_recognized(content):
    assert BEURER.recognizes(content) is False


def test_nothing_of_the_file_is_in_what_may_be_logged():
    parsed = read(TEXT.replace("71,4", "Geheim").replace("20:11", "Geheim"))

    told = f"{parsed!r}"
    assert [word for word in ("Geheim", "Kim", "1975", "79", "22.3") if word in told] == []


def test_ten_thousand_rows_are_read_in_seconds():
    rows = [
        f"{1 + n % 28:02}.{1 + n // 28 % 12:02}.{2001 + n // 336};07:52;71,4;;;;;;;;\n"
        for n in range(8000)
    ]
    begun = datetime.now(UTC)
    parsed = read(PRO_DE_HEAD + PRO_DE_WEIGHT + "".join(rows))

    assert (parsed.rows, parsed.is_whole) == (8000, True)
    assert (datetime.now(UTC) - begun).total_seconds() < 10


PIECES = st.sampled_from(
    ['"', ";", "\n", "\t", "=", "-", "/", "0", "9" * 5000, "Ø", "٧", "²", "\n\n", "Kategorie\n"]
)


@given(st.lists(st.tuples(st.integers(0, len(TEXT)), PIECES), max_size=5), st.integers(0, 400))
def test_whatever_a_file_has_become_it_is_read_or_refused(changes, cut):
    text = TEXT + CLASSIC_HEAD.format(count=1)[-60:] + CLASSIC_WEIGHT
    for place, piece in changes:
        text = text[:place] + piece + text[place:]
    with suppress(FileRefused):
        check_frame(read(text[: len(text) - cut], zone=ZoneInfo("America/St_Johns")).frame)


def test_a_count_of_five_thousand_digits_is_no_count():
    text = CLASSIC_HEAD.replace("{count:03}", "9" * 5000) + CLASSIC_WEIGHT

    assert read(text + "2026-03-14;07:52;71.4;;;;;;;\n").is_whole
