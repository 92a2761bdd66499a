"""Whether every version of every Observation says who wrote it, and nothing says more than it may.

Belongs here: Provenance as a reader of R5 would check it. Not here: Devices and Consents by themselves
(`governance.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sandbox.ehr.references import references
from sandbox.people import Person
from sandbox.reader.ehr import EhrReader, is_software
from sandbox.reader.found import RETRACTED, Found, Resource, relative
from sandbox.reader.report import Report

CHANGED = frozenset({"revision", "removal"})
# What is said of a first version, of a change, of a retraction; and as what the one before is named.
RECEIVED, AMENDED, DEPRECATED = "receive", "amend", "deprecate"
ROLES = {RECEIVED: None, AMENDED: "revision", DEPRECATED: "removal"}
# The identifier system of runs ends so.
RUN = "/run"


def judge_provenance(
    report: Report,
    people: Sequence[Person],
    found: Mapping[str, Sequence[Found]],
    ehr: EhrReader,
    *,
    shared: bool,
) -> None:
    """Count what is wrong with the notes about these people's Observations, by login in `found`.

    A `shared` EHR is asked per patient, and may have stripped the version off references, as HAPI does.
    """
    notes = _notes(report, people, ehr, shared=shared)
    versions = {one.reference: one.version for each in found.values() for one in each}
    everything = [one for each in notes.values() for one in each]
    others = {name for note in everything for name in _names(note)} - versions.keys()
    existing = ehr.existing(others)
    versions |= {name: int(one["meta"]["versionId"]) for name, one in existing.items()}
    for note in everything:
        report.provenance.update(_wrong(note, versions, existing))
    for person in people:
        _judge_targets(report, notes[person.patient_id], found[person.login], shared=shared)


def _notes(
    report: Report, people: Sequence[Person], ehr: EhrReader, *, shared: bool
) -> dict[str, list[Resource]]:
    """Give the notes by patient; one about nobody is wrong."""
    notes: dict[str, list[Resource]] = {person.patient_id: [] for person in people}
    if shared:
        for patient_id in notes:
            notes[patient_id] = ehr.every("Provenance", patient=f"Patient/{patient_id}")
        return notes
    for note in ehr.every("Provenance"):
        patient = relative(note.get("patient", {}).get("reference"))
        if patient is None:
            report.provenance["no patient"] += 1
        elif (patient_id := patient.partition("/")[2]) in notes:
            notes[patient_id].append(note)
    return notes


def _names(note: Resource) -> Iterator[str]:
    for text, _ in references(note, ""):
        yield _unversioned(text)


def _unversioned(reference: str) -> str:
    return relative(reference.partition("/_history/")[0]) or ""


def _wrong(
    note: Resource, versions: Mapping[str, int | None], existing: Mapping[str, Resource]
) -> Iterator[str]:
    if "recorded" not in note:
        yield "not recorded"
    if not note.get("activity", {}).get("coding"):
        yield "no activity"
    elif any(one["role"] in CHANGED and one["role"] != _role(note) for one in _entities(note)):
        yield "wrong role"
    agents = (relative(one["who"].get("reference")) for one in note["agent"])
    if not any(one in existing and is_software(existing[one]) for one in agents if one):
        yield "no program as agent"
    if not any(one["role"] == "source" for one in _entities(note)):
        yield "no source"
    identifiers = (one["what"].get("identifier", {}) for one in _entities(note))
    if not any(str(one.get("system")).endswith(RUN) and one.get("value") for one in identifiers):
        yield "no run"
    for text, _ in references(note, ""):
        version = text.partition("/_history/")[2]
        current = versions.get(_unversioned(text))
        if current is None or (version and not 1 <= _number(version) <= current):
            yield "leads nowhere"


def _entities(note: Resource) -> list[dict[str, Any]]:
    return [*note.get("entity", [])]


def _activity(note: Resource) -> str | None:
    codings = note.get("activity", {}).get("coding", [])
    return next((one.get("code") for one in codings), None)


def _role(note: Resource) -> str | None:
    return ROLES.get(_activity(note) or "")


def _number(version: str) -> int:
    return int(version) if version.isdigit() else 0


def _judge_targets(
    report: Report, notes: Sequence[Resource], found: Sequence[Found], *, shared: bool
) -> None:
    """Ask for one note per version, and for what each changed."""
    targeted = Counter(_unversioned(one) for note in notes for one in _targets(note))
    held = {one.reference: one for one in found}
    report.provenance["other target"] += sum(not one.startswith("Observation/") for one in targeted)
    changed = {one for note in notes for one in _changed(note, with_version=not shared)}
    for reference, one in held.items():
        version = one.version or 0
        if targeted[reference] != version:
            report.provenance["number of notes"] += 1
        elif not _tells(one, [_activity(note) for note in notes if reference in _about(note)]):
            report.provenance["wrong activity"] += 1
        elif (
            not {_earlier(reference, n, with_version=not shared) for n in range(1, version)}
            <= changed
        ):
            report.provenance["no earlier version"] += 1


def _about(note: Resource) -> set[str]:
    return {_unversioned(one) for one in _targets(note)}


def _tells(found: Found, activities: Sequence[str | None]) -> bool:
    """Tell whether the notes say that it was received once, and what became of it."""
    is_gone = found.status == RETRACTED
    return (
        activities.count(RECEIVED) == 1
        and set(activities) <= ROLES.keys()
        and (DEPRECATED in activities or not is_gone)
    )


def _targets(note: Mapping[str, Any]) -> Iterable[str]:
    return (one.get("reference", "") for one in note["target"])


def _changed(note: Resource, *, with_version: bool) -> Iterator[str]:
    for entity in note.get("entity", []):
        text = entity["what"].get("reference")
        if entity["role"] in CHANGED and text:
            name, _, version = text.partition("/_history/")
            yield _earlier(relative(name) or "", version, with_version=with_version)


def _earlier(reference: str, version: int | str, *, with_version: bool) -> str:
    return f"{reference}/_history/{version}" if with_version else reference
