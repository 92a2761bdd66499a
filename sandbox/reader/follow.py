"""Whether each reading stands in the version and status that its past asks for.

Belongs here: comparing what must stand (`memory.py`) with the EHR and its histories. Not here:
who wrote it (`provenance.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sandbox.reader.ehr import EhrReader
from sandbox.reader.found import RETRACTED, Found
from sandbox.reader.memory import Standing
from sandbox.reader.pairs import Devices, judge
from sandbox.reader.report import Report


def judge_standing(
    report: Report,
    standing: Sequence[Standing],
    found: Sequence[Found],
    devices: Devices,
    ehr: EhrReader,
) -> None:
    """Count what differs from how the readings of one person must stand."""
    retracted = [one for one in standing if one.is_retracted]
    living = [one for one in standing if not one.is_retracted]
    left = _judge_retracted(report, retracted, found, ehr)
    # What nobody retracted and stands as such: the reading is missed below as well.
    report.retracted["unasked"] += sum(one.status == RETRACTED for one in left)
    due = [replace(one.reading, statuses=frozenset({one.status})) for one in living]
    pairs = judge(
        report,
        due,
        [one for one in left if one.status != RETRACTED],
        devices,
        {number: one.reference for number, one in enumerate(living)},
    )
    by_key = {one.reading.key: one for one in living}
    for reading, one in pairs:
        _judge_version(report, by_key[reading.key], one, ehr)


def _judge_retracted(
    report: Report, retracted: list[Standing], found: Sequence[Found], ehr: EhrReader
) -> list[Found]:
    """Judge what must stand as entered in error; gives the Observations that are not about it."""
    left = {one.reference: one for one in found}
    for standing in retracted:
        one = left.pop(standing.reference or "", None) or _lookalike(standing, left)
        if one is None:
            report.retracted["missing"] += 1
            continue
        if one.status != RETRACTED:
            report.retracted["not retracted"] += 1
        elif not _is_as_it_was(standing, one):
            report.retracted["changed"] += 1
        _judge_version(report, standing, one, ehr)
    return [*left.values()]


def _lookalike(standing: Standing, left: dict[str, Found]) -> Found | None:
    """Take the retracted Observation of a reading whose own was never seen."""
    if standing.reference is not None:
        return None
    alike = (
        reference
        for reference, one in left.items()
        if one.status == RETRACTED and _is_as_it_was(standing, one)
    )
    return left.pop(next(alike, ""), None)


def _is_as_it_was(standing: Standing, one: Found) -> bool:
    was = standing.reading
    when = (one.instant, one.offset, one.end, one.end_offset)
    is_same = (one.patient, one.code, one.amounts) == (was.patient, was.code, was.amounts)
    is_same = is_same and when == (was.instant, was.offset, was.end, was.end_offset)
    return is_same and standing.identifiers <= one.identifiers


def _judge_version(report: Report, standing: Standing, one: Found, ehr: EhrReader) -> None:
    if one.version != len(standing.versions):
        report.versions["number"] += 1
    elif one.version > 1:
        due = [(each.status, each.amounts) for each in standing.versions]
        history = ehr.history(one.reference, one.version)
        if due != [each and (each.status, each.amounts) for each in history]:
            report.versions["history"] += 1
    if one.asserted != {standing.reading.asserted}:
        report.governance["label"] += 1
    if standing.identifiers and standing.identifiers != one.identifiers:
        report.versions["identifier"] += 1
    standing.reference, standing.identifiers = one.reference, one.identifiers
