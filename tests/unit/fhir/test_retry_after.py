"""The pause that a server asks for, in both ways in which it may be written (RFC 9110, 10.2.3)."""

from datetime import UTC, datetime

import pytest

from ohx_pipelines.fhir.answers.retry_after import seconds_asked

NOW = datetime(2026, 11, 20, 8, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7),
        ("0.5", 0.5),
        ("-3", 0),
        ("Fri, 20 Nov 2026 08:00:30 GMT", 30),
        ("Friday, 20-Nov-26 08:02:00 GMT", 120),
        ("Fri Nov 20 08:00:10 2026", 10),
        ("Fri, 20 Nov 2026 07:59:00 GMT", 0),
        ("inf", 86_400),
        ("nan", 0),
        ("soon", None),
        ("20 Nov 2026 08:00:00 +99999999999999", None),
        ("", None),
    ],
)
def test_seconds_and_dates_are_read_and_nothing_else(header, seconds):
    assert seconds_asked(header, now=NOW) == seconds
