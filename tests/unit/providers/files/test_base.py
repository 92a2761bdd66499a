"""What is told of a file: refusals that cross to another process, and nothing of its content."""

import pickle
from dataclasses import replace

import pytest

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.files.base import FileRefused, Refusal, RowNote
from tests.unit.providers.files.reading import at, findings, parsed, take, weight


@pytest.mark.parametrize("row", [None, 7])
@pytest.mark.parametrize("reason", [Refusal.TOO_SLOW, Refusal.SEVERAL_USERS])
def test_a_refusal_crosses_to_another_process(reason, row):
    refused = pickle.loads(pickle.dumps(FileRefused(reason, row=row)))

    assert type(refused) is FileRefused
    assert (refused.reason, refused.row, refused.detail) == (reason, row, reason.value)
    assert str(refused) == str(FileRefused(reason))


def test_no_minute_of_a_reading_is_in_what_is_told_of_a_file():
    into = findings()
    take(into, weight("71.4"), moment=at("2026-10-25 02:34"))
    take(into, weight("714"), moment=at("2026-03-14 07:52"))
    into.reject(9, "number_unreadable", metric=Metric.HEART_RATE, moment=at("2026-03-14 07:52"))
    into.ignore(at("2026-03-14 07:52"), "not_mapped")
    file = parsed(into)
    told = (
        f"{file!r} {into!r} {file.rejected} {file.taken_as} {FileRefused(Refusal.EMPTY, row=3)!r}"
    )

    assert len(file.unpublished) == 2
    assert "02:34" not in told
    assert "07:52" not in told
    assert "T07" not in told
    assert "2026" not in f"{file!r} {file.rejected}"
    assert file.rejected[0] == RowNote(row=5, word="implausible", metric="body_weight")


def test_what_is_counted_besides_the_listed_rows_is_parted_by_what_became_of_them():
    into = findings()
    take(into, weight("71.4"), moment=at("2026-10-25 02:34"))
    counted = {"number_unreadable": 7, "formula": 1, "repeated_hour": 3, "skipped_hour": 2}
    file = replace(parsed(into), more_notes=counted)

    assert (file.more_rejected, file.more_taken_as) == (8, 5)
