"""docs/providers.md says what the providers declare."""

from dataclasses import replace
from pathlib import Path

import pytest

from ohx_pipelines.providers.base import DataType, Limit
from ohx_pipelines.providers.facts_table import facts_tables, with_tables
from ohx_pipelines.providers.registry import file_facts, provider_facts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "providers.md"


def test_the_page_is_what_the_facts_make_of_it():
    """Else: python -m ohx_pipelines.providers.facts_table"""
    page = PAGE.read_text(encoding="utf-8")

    assert with_tables(page, [*provider_facts(), *file_facts()]) == page


def test_every_data_type_scope_and_limit_of_a_provider_is_told():
    facts = replace(
        provider_facts()[0],
        title="Acme",
        limits=(Limit(calls=7, seconds=11, per="account"),),
        data_types=(
            DataType(name="hops", title="how high", metrics=frozenset(), scopes=frozenset({"h"})),
        ),
    )

    told = facts_tables([facts])

    assert "## Acme" in told
    assert "7 in 11 s per account" in told
    assert "| `hops` | how high | `h` | 0 |" in told


def test_a_page_without_its_marks_is_refused():
    with pytest.raises(ValueError, match="lacks"):
        with_tables("# Providers", provider_facts())
