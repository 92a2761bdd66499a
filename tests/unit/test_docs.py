"""The documentation names what there is: every outcome with its advice, every table, every setting's page."""

import re
from pathlib import Path

import pytest

from ohx_pipelines.links.models import Base
from ohx_pipelines.outcomes import Outcome

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])


def rows(page):
    """The rows of a page's tables, by their first cell."""
    cells = [line.strip("|").split("|") for line in (DOCS / page).read_text().splitlines()]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in cells if len(row) > 1}


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_explained_with_the_advice_that_the_program_gives(outcome):
    _, advice = rows("outcomes.md")[outcome.value]

    assert advice == outcome.advice


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_every_table_is_named_with_what_it_keeps_and_for_how_long(table):
    what, how_long = rows("security-and-privacy.md")[table]

    assert what
    assert how_long


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_of_a_page_leads_to_a_file_that_is_there(page):
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    missing = [one for one in targets if "://" not in one and not (page.parent / one).exists()]

    assert missing == []
