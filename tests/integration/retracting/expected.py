"""What these tests expect again and again: nothing went, only these went, and the reader agrees.

Belongs here: those expectations, and filling a chart. Not here: fixtures (`conftest.py`).
"""

GREEN = {"synced", "no_data"}
PANEL = "85354-9"
WEIGHT, PRESSURES = 1, {9, 10}
WHO = "engineer"


def publish(scene):
    assert outcomes(scene.run()) <= GREEN
    report = scene.judge()
    assert report["differences"] == 0, str(report)
    assert scene.retracted() == set()


def outcomes(results):
    return {result.outcome.value for result in results.values()}


def total(results, name):
    return sum(getattr(result.counts, name) for result in results.values())


def assert_nothing_went(scene):
    found = scene.observations()
    assert {(one["status"], one["meta"]["versionId"]) for one in found} == {("final", "1")}


def assert_only_these_go(scene, *grpids):
    """Once nothing is in the way: the deleted ones, as the independent reader sees it too."""
    scene.sandbox.post("faults/clear")
    results = scene.run()
    assert outcomes(results) <= GREEN
    assert scene.retracted() == {str(one) for one in grpids}
    report = scene.judge()
    assert report["differences"] == 0, str(report)
    again = scene.run()
    assert [total(again, name) for name in ("created", "updated", "retracted")] == [0, 0, 0]


def fill(scene, count):
    """Publish so many weighings, spread over the days; gives their numbers, the first day's first."""
    grpids = [
        scene.weigh(scene.days[n * len(scene.days) // count], hour=n * 3 // count + 8)
        for n in range(count)
    ]
    publish(scene)
    return grpids


def first_panel(scene):
    """The vendor's record of a blood pressure that stands in the chart."""
    rows = {str(row["grpid"]) for row in scene.rows()}
    panels = (
        one["identifier"][0]["value"].split(".")[0]
        for one in scene.observations()
        if one["code"]["coding"][0]["code"] == PANEL
    )
    return int(next(one for one in panels if one in rows))
