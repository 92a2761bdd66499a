"""What every provider declares, as the tables of docs/providers.md.

Belongs here: facts as Markdown. Not here: any fact. `python -m ohx_pipelines.providers.facts_table`
writes them into the page; a test says when that is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ohx_pipelines.providers.base import DataType, Limit, ProviderFacts
from ohx_pipelines.providers.registry import file_facts, provider_facts

PAGE = Path("docs/providers.md")
BEGIN, END = "<!-- declared facts -->", "<!-- end of declared facts -->"


def facts_tables(providers: Iterable[ProviderFacts]) -> str:
    """Give a section of tables per provider."""
    return "\n\n".join(_section(one) for one in providers)


def with_tables(page: str, providers: Iterable[ProviderFacts]) -> str:
    """Give the page with the tables between its two marks; raises ValueError without them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        message = f"{PAGE} lacks {BEGIN} or {END}"
        raise ValueError(message)
    return f"{before}{BEGIN}\n\n{facts_tables(providers)}\n\n{END}{after}"


def _section(facts: ProviderFacts) -> str:
    told = [
        (f"`{one.name}`", one.title, _codes(sorted(one.data_types)) or "the account")
        for one in facts.notifications
    ]
    parts = [
        f"## {facts.title}",
        _table(("fact", "declared"), _about(facts)),
        _table(
            ("data type", "what a patient reads", "scopes", "metrics"),
            [_data_type(one) for one in facts.data_types],
        ),
    ]
    if told:
        parts.append(_table(("notification", "of", "data types"), told))
    return "\n\n".join(parts)


def _about(facts: ProviderFacts) -> list[tuple[str, str]]:
    named = ("name in settings, keys and commands", f"`{facts.name}`")
    if not facts.scopes:
        return [
            named,
            ("comes as", "a file that the patient uploads; nobody is asked for permission"),
            ("days published together", f"{facts.most_days}"),
        ]
    return [
        named,
        ("scopes asked for", _codes(facts.scopes)),
        ("longest window of one listing", f"{facts.most_days} days"),
        ("calls", "; ".join(_limit(one) for one in facts.limits) or "not limited"),
        ("PKCE", "yes" if facts.pkce else "not documented"),
    ]


def _data_type(one: DataType) -> tuple[str, ...]:
    return f"`{one.name}`", one.title, _codes(sorted(one.scopes)), str(len(one.metrics))


def _limit(one: Limit) -> str:
    return f"{one.calls} in {one.seconds} s per {one.per}"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    declared = [*provider_facts(), *file_facts()]
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), declared), "utf-8")
