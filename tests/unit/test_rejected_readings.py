"""The page about rejected readings knows every word that the program can say."""

import re
from pathlib import Path

from ohx_pipelines import errors
from ohx_pipelines.fhir.answers.refusal_reasons import REASONS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "rejected-readings.md").read_text()


def words(heading):
    part = PAGE.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([\w-]+)` \|", part, re.MULTILINE)


def details(kind):
    return {kind.detail} | {one for part in kind.__subclasses__() for one in details(part)}


def test_every_reason_class_has_one_row():
    assert sorted(words("Reason classes")) == sorted(REASONS)


def test_every_word_by_which_the_ehr_ends_a_day_has_one_row():
    known = details(errors.EhrError) - {None}

    # Signing in has a page of its own.
    assert "`ehr_auth`" in (DOCS / "connect-your-ehr.md").read_text()
    assert sorted(words("When the whole day fails")) == sorted(known - {"ehr_auth"})
