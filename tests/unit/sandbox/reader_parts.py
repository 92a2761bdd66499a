"""Two people, their vendor rows, and the EHR content that stands for them, worked out by hand.

Belongs here: what the tests of the reader share. Not here: what they expect of it.
"""

from datetime import date

from sandbox.people import Person
from sandbox.reader.compare import compare
from tests.unit.sandbox.ehr_parts import device, observation, pressure, quantity, side

ANNA = Person(
    name="Anna", login="anna@home", user_id=1, username="anna", subject="s-1",
    patient_id="anna", zone="Europe/Stockholm",
)  # fmt: skip
BERT = Person(
    name="Bert", login="bert@home", user_id=2, username="bert", subject="s-2",
    patient_id="bert", zone="Asia/Kolkata",
)  # fmt: skip
DAY = date(2026, 11, 20)
MORNING, EVENING = 1_795_156_262, 1_795_204_800  # 07:31:02 and 21:00 in Stockholm
SCALE, CUFF = "a" * 40, "b" * 40


def group(number, taken_at, *measures, attrib=0, hash_deviceid=SCALE, **more):
    """Give a group as the vendor's wire has it; measures are (type, value, unit)."""
    named = None if attrib in {2, 4} else hash_deviceid
    return {
        "grpid": number,
        "attrib": attrib,
        "date": taken_at,
        "created": taken_at + 60,
        "modified": taken_at + 60,
        "category": 1,
        "deviceid": named,
        "hash_deviceid": named,
        "measures": [
            {"type": kind, "value": value, "unit": unit} for kind, value, unit in measures
        ],
    } | more


ROWS = {
    ANNA.login: [
        group(1, MORNING, (1, 7230, -2), (6, 2145, -2), (5, 56800, -3), (5, 56800, -3),
              (8, 155, -1), (76, 54, 0), (77, 401, -1), (88, 31, -1)),
        group(2, MORNING, (4, 1785, -3), attrib=2),
        group(3, EVENING, (10, 12800, -2), (9, 81, 0), (11, 64, 0), hash_deviceid=CUFF),
        group(4, EVENING + 60, (11, 61, 0)),
        # Not hers for sure, a goal, types nobody maps or pays for, and other days.
        group(5, EVENING, (1, 55, 0), attrib=1),
        group(6, EVENING, (1, 65, 0), attrib=17),
        group(7, EVENING, (1, 66, 0), attrib=99),
        group(8, EVENING, (1, 70, 0), category=2),
        group(9, EVENING, (91, 72, -1), (228, 366, -1)),
        group(10, MORNING - 86_400, (1, 73, 0)),
        group(11, EVENING + 10_800, (1, 74, 0)),
    ],
    BERT.login: [group(20, MORNING, (1, 80, 0), attrib=7)],
}  # fmt: skip


def at(number, code, value, unit, **more):
    return observation(
        number, code, valueQuantity=quantity(value, unit), device={"reference": "Device/scale"},
        **more,
    )  # fmt: skip


def right_content():
    """Give the Observations that stand for ROWS, worked out by hand."""
    evening = {"effectiveDateTime": "2026-11-20T21:00:00+01:00"}
    made = [
        at("weight", "29463-7", 72.3, "kg"),
        at("fat", "41982-0", 21.45, "%"),
        at("lean", "91557-9", 56.8, "kg"),
        at("lean-again", "91557-9", 56.8, "kg"),
        at("fat-mass", "73708-0", 15.5, "kg"),
        at("muscle", "73964-9", 54, "kg"),
        at("water", "101683-1", 40.1, "kg"),
        at("bone", "101685-6", 3.1, "kg"),
        at("height", "8302-2", 178.5, "cm") | {"device": None},
        pressure(
            "pressure",
            component=[side("8480-6", 128), side("8462-4", 81), side("8867-4", 64, "/min")],
            device={"reference": "Device/cuff"},
            **evening,
        ),
        at("pulse", "8867-4", 61, "/min", effectiveDateTime="2026-11-20T21:01:00+01:00"),
        at("bert", "29463-7", 80, "kg", patient="bert",
           effectiveDateTime="2026-11-20T12:01:02+05:30"),
    ]  # fmt: skip
    return {one["id"]: {k: v for k, v in one.items() if v is not None} for one in made}


def fill(server):
    """Leave exactly the right content in the server; gives it back."""
    server.faults.clear()
    for kind in ("Observation", "Device"):
        for number in server.found(kind):
            server.call("DELETE", f"{kind}/{number}").raise_for_status()
    for one in (device("scale", SCALE), device("cuff", CUFF), *right_content().values()):
        server.put(one).raise_for_status()
    return server


def judged(ehr, rows=None, people=(ANNA, BERT), first=DAY, last=DAY, *, shared=False):
    report = compare(
        ehr_url=ehr.url,
        people=people,
        rows=of_measures(rows or ROWS),
        first=first,
        last=last,
        shared=shared,
    )
    return report.as_json()


def of_measures(rows):
    """Give groups by login as the vendor's rows of a person, which has nothing else."""
    return {login: {"measures": groups} for login, groups in rows.items()}


def difference(found):
    """Give only what is not zero."""
    flat = found | {f"wrong {aspect}": count for aspect, count in found["wrong"].items()}
    names = [name for name in flat if name.startswith("wrong ")]
    return {name: flat[name] for name in ("missing", "extra", "doubled", *names) if flat[name]}


def regrouped(number, **changes):
    """Give ROWS with one of Anna's groups changed, or without it where nothing is given."""
    groups = [one | changes if one["grpid"] == number else one for one in ROWS[ANNA.login]]
    kept = groups if changes else [one for one in groups if one["grpid"] != number]
    return ROWS | {ANNA.login: kept}


def measures(*given):
    return [{"type": kind, "value": value, "unit": unit} for kind, value, unit in given]


def anna_also(*groups):
    return ROWS | {ANNA.login: [*ROWS[ANNA.login], *groups]}
