"""Every name that a vendor's room declares fits the columns that keep it."""

from __future__ import annotations

import pytest
from sqlalchemy import ARRAY, String

from ohx_pipelines.links.audit import DETAIL_LENGTH
from ohx_pipelines.links.models import Base
from ohx_pipelines.providers.registry import ROOMS
from ohx_pipelines.providers.withings.data_types import PAID

FACTS = [room.facts for room in ROOMS]


def column(table, name):
    """How many characters a column holds, or each word of it where it holds a list."""
    kind = Base.metadata.tables[table].columns[name].type
    kind = kind.item_type if isinstance(kind, ARRAY) else kind
    assert isinstance(kind, String)
    return kind.length


def tables_with(name):
    return [one.name for one in Base.metadata.sorted_tables if name in one.columns]


@pytest.mark.parametrize("facts", FACTS, ids=lambda one: one.name)
def test_every_kind_of_notification_fits_the_inbox(facts):
    kinds = [one.name for one in facts.notifications]

    assert kinds
    assert [one for one in kinds if len(one) > column("inbox", "kind")] == []


@pytest.mark.parametrize("facts", FACTS, ids=lambda one: one.name)
def test_every_data_type_and_scope_fits_the_link_and_its_line_in_the_log(facts):
    names = [one.name for one in (*facts.data_types, *PAID)]
    longest = min(column("provider_links", "data_types"), column("audit_log", "detail"))

    assert names
    assert [one for one in names if len(one) > min(longest, DETAIL_LENGTH)] == []
    assert [one for one in facts.scopes if len(one) > column("provider_links", "scopes")] == []


@pytest.mark.parametrize("table", tables_with("provider"))
@pytest.mark.parametrize("facts", FACTS, ids=lambda one: one.name)
def test_every_vendors_name_fits_every_table(facts, table):
    assert len(facts.name) <= column(table, "provider")


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("breakers", "name"),
        ("call_budgets", "name"),
        ("counted_calls", "budget"),
        ("waiting_calls", "budget"),
    ],
)
@pytest.mark.parametrize("facts", FACTS, ids=lambda one: one.name)
def test_every_vendors_name_fits_where_its_calls_and_troubles_are_counted(facts, table, name):
    assert len(facts.name) <= column(table, name)
