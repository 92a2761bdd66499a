"""Files of every variant, imported: the independent reader finds no difference, a second time writes nothing."""

from collections import Counter
from datetime import date, timedelta

import pytest
import requests

from tests.integration.files_at_sandbox import VARIANTS, Imported
from tests.integration.linked_at_sandbox import sandbox_with_everything

# The clocks go back in Europe and in America.
FIRST, LAST = date(2026, 10, 20), date(2026, 11, 3)
EVERY = [(app, variant) for app, variants in VARIANTS.items() for variant in variants]
# Each test has somebody of its own: another store would give their readings other ids.
OVERLAPPING, EDITED = len(EVERY), len(EVERY) + 1
PEOPLE = len(EVERY) + 2


@pytest.fixture(scope="module")
def everything():
    with sandbox_with_everything(people=PEOPLE) as sandbox:
        yield sandbox


@pytest.fixture
def imported(store, everything):
    opened = Imported(store, everything)
    yield opened
    opened.close()


def judged(sandbox, person, app):
    return sandbox.differences(FIRST, LAST, person["login"], vendor=app)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(EVERY)), ids=["-".join(one) for one in EVERY])
def test_all_that_a_file_says_stands_in_the_ehr_once_and_right(imported, everything, number):
    app, variant = EVERY[number]
    person = everything.people[number]
    link = imported.link(person, app)
    parsed = imported.parse(person, app, imported.export(person, app, variant, FIRST, LAST))
    assert parsed.is_whole, (parsed.cut, parsed.rejected)

    result = imported.publish(link, parsed)

    assert result.ok, [(one.day, one.outcome, one.error, one.reasons) for one in result.days]
    report = judged(everything, person, app)
    assert report["differences"] == 0, report
    assert report["compared"] == result.counts.observations > 10

    again = imported.publish(link, parsed)

    assert again.ok
    assert again.counts.created + again.counts.updated + again.counts.retracted == 0
    assert again.counts.unchanged == result.counts.observations


@pytest.mark.slow
def test_overlapping_files_of_other_variants_add_nothing_twice(imported, everything):
    person = everything.people[OVERLAPPING]
    link = imported.link(person, "beurer")
    middle = FIRST + timedelta(days=7)
    created = 0
    for variant, first, last in (
        ("pro-de-comma", FIRST, middle),
        ("pro-en-slashes", FIRST + timedelta(days=3), LAST),
        ("pro-de-comma", FIRST, LAST),
    ):
        content = imported.export(person, "beurer", variant, first, last)
        result = imported.publish(link, imported.parse(person, "beurer", content))
        assert result.ok
        created += result.counts.created
        assert result.counts.updated == 0

    report = judged(everything, person, "beurer")
    assert report["differences"] == 0, report
    assert report["compared"] == created


@pytest.mark.slow
def test_what_was_edited_is_corrected_and_what_is_gone_from_a_file_stays(imported, everything):
    person = everything.people[EDITED]
    link = imported.link(person, "beurer")
    first = imported.parse(person, "beurer", pro_file(imported, person))
    imported.publish(link, first)
    edited, gone = single_weighings(everything, person)[:2]
    for action, at in (("edit", edited), ("delete", gone)):
        order = {"login": person["login"], "app": "beurer", "action": action}
        everything.post("files/change", **order, kind="weight", at=at)

    result = imported.publish(link, imported.parse(person, "beurer", pro_file(imported, person)))

    assert result.ok
    assert result.counts.updated >= 1
    assert result.counts.created == 0
    assert result.counts.retracted == 0
    report = judged(everything, person, "beurer")
    assert report["differences"] == 0, report


def pro_file(imported, person):
    return imported.export(person, "beurer", "pro-de-comma", FIRST, LAST)


def single_weighings(sandbox, person):
    """The minutes at which one weighing stands alone."""
    asked = {"login": person["login"], "app": "beurer", "from": str(FIRST), "to": str(LAST)}
    rows = requests.get(f"{sandbox.control}/files/rows", asked, timeout=30).json()
    minutes = Counter(one["moment"] for one in rows if one["kind"] == "weight")
    return sorted(at for at, count in minutes.items() if count == 1)
