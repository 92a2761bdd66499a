"""A reader that follows what happens between a vendor and an EHR that a test writes by hand.

Belongs here: the EHR's right content with its notes, and one judgement. Not here: errors.
"""

from sandbox.reader.compare import Follow, compare
from sandbox.reader.governance import Account
from sandbox.reader.memory import Memory
from tests.unit.sandbox.governance_parts import (
    association,
    consent,
    definition,
    owned,
    provenance,
    software,
)
from tests.unit.sandbox.reader_parts import (
    ANNA,
    BERT,
    CUFF,
    DAY,
    ROWS,
    SCALE,
    of_measures,
    right_content,
)

LABELS = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
MODELS = {ANNA.login: {SCALE: "Body+", CUFF: "BPM"}, BERT.login: {SCALE: "Body+"}}


def labelled(resource, code=None):
    """Give an Observation that says who asserts it."""
    by = code or ("DEVAST" if "device" in resource else "PATAST")
    return resource | {"meta": {"security": [{"system": LABELS, "code": by}]}}


class Followed:
    """One EHR whose readings are right, and the reader's memory of it."""

    def __init__(self, ehr):
        self.ehr = ehr
        self.memory = Memory()
        self.content = {n: labelled(one) for n, one in right_content().items()}
        # The scale is a household's.
        self.put(
            definition("m-scale"),
            definition("m-cuff"),
            owned("scale", SCALE, "m-scale"),
            owned("cuff", CUFF, "m-cuff"),
            software(),
            association("anna-scale"),
            association("anna-cuff", of="Device/cuff"),
            association("bert-scale", patient="bert"),
            consent("c-anna"),
            consent("c-bert", patient="bert"),
            *self.content.values(),
            *self.notes("first"),
        )

    def notes(self, name):
        """One note of a first batch per person."""
        mine = [f"Observation/{n}" for n in self.content if n != "bert"]
        return (
            provenance(f"{name}-anna", *mine),
            provenance(f"{name}-bert", "Observation/bert", patient="bert"),
        )

    def put(self, *resources):
        for one in resources:
            self.ehr.put(one).raise_for_status()

    def write(self, number, status, before=1, *, noted=True, **changes):
        """Put the next version of an Observation, and the note of it."""
        self.content[number] = self.content[number] | {"status": status} | changes
        self.put(self.content[number])
        if noted:
            activity = "deprecate" if status == "entered-in-error" else "amend"
            name = f"Observation/{number}"
            note = provenance(f"{number}-{before}", name, before=before, activity=activity)
            self.put(note | {"patient": self.content[number]["subject"]})

    def delete(self, *names):
        for name in names:
            self.ehr.call("DELETE", name).raise_for_status()

    def judged(self, rows=None, *, people=(ANNA, BERT), ended=(), left_out=(), shared=False):
        accounts = [
            Account(person=one, models=MODELS[one.login], is_linked=one.login not in ended)
            for one in people
        ]
        follow = Follow(memory=self.memory, accounts=accounts, left_out=frozenset(left_out))
        report = compare(
            ehr_url=self.ehr.url,
            people=people,
            rows=of_measures(ROWS if rows is None else rows),
            first=DAY,
            last=DAY,
            shared=shared,
            follow=follow,
        )
        return report.as_json()


def found(report):
    """Give only what is wrong, after checking that the sum is the sum."""
    parts = ("missing", "extra", "doubled", "versions", "retracted", "provenance", "governance")
    sums = {name: report[name] for name in parts if report[name]}
    wrong = {f"wrong {name}": count for name, count in report["wrong"].items() if count}
    assert report["differences"] == sum(sums.values()) + sum(wrong.values())
    followed = {name: count for name, count in sums.items() if name in parts[:3]}
    return followed | wrong | report["why"]
