"""The mapping as text: lines for a terminal, tables for the documentation, JSON for programs.

Belongs here: wording and columns. Not here: the table itself (`fhir/mapping.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ohx_pipelines.fhir.mapping import Coding, Mapping, MetricRow, PanelRow, Unit
from ohx_pipelines.fhir.table.overlay import Change
from ohx_pipelines.fhir.table.rows import SYSTEMS

_NAMES = {uri: name.upper() if name != "local" else name for name, uri in SYSTEMS.items()}
_NOTHING = "–"


def as_json(mapping: Mapping, changed: Iterable[Change]) -> dict[str, Any]:
    """Give the table as one object; `changed` lists the keys that a site's file set."""
    sections = mapping.model_dump(mode="json", by_alias=True, exclude={"version"})
    keys = _changed_keys(changed)
    for section, rows in sections.items():
        for name, row in rows.items():
            row["changed"] = keys.get((section, name), [])
    return {"version": mapping.version, **sections}


def as_lines(mapping: Mapping, changed: Iterable[Change]) -> Iterator[str]:
    """Give the table for a terminal; rows that a site's file changed carry an asterisk."""
    keys = _changed_keys(changed)
    rows: list[tuple[str, str, MetricRow | PanelRow]] = [
        *(("metrics", metric.value, row) for metric, row in mapping.metrics.items()),
        *(("panels", name, row) for name, row in mapping.panels.items()),
    ]
    width = max(len(name) for _, name, _ in rows)
    for section, name, row in rows:
        mine = keys.get((section, name), [])
        facts = [_codes(row.coding), _what(row), row.effective, row.category, *_extras(row)]
        note = f"  [changed: {', '.join(mine)}]" if mine else ""
        yield f"{'*' if mine else ' '} {name:<{width}}  {' | '.join(facts)}{note}"
        if len(rows) == 1:
            yield from _details(row)


def as_markdown(mapping: Mapping) -> Iterator[str]:
    """Give the tables of the documentation: metrics, panels, vocabularies."""
    yield "| Metric | Code | Value | Other units taken | Effective | Category | Profile | Notes |"
    yield "|---|---|---|---|---|---|---|---|"
    for metric, row in mapping.metrics.items():
        cells = [_codes(row.coding, named=True), _what(row), _ways(row.unit), row.effective]
        cells += [row.category, _profile(row), "; ".join(_extras(row)) or _NOTHING]
        yield f"| `{metric.value}` | {' | '.join(cells)} |"
    yield ""
    yield "| Panel | Code | Value | Always | When in the same taking | Members | Category | Profile |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, panel in mapping.panels.items():
        cells = [
            _codes(panel.coding, named=True),
            _metrics(panel.value),
            _metrics(*panel.components),
        ]
        cells += [_metrics(*panel.joins), _metrics(panel.members), panel.category, _profile(panel)]
        yield f"| `{name}` | {' | '.join(cells)} |"
    yield ""
    yield "| Metric | Word | Code |"
    yield "|---|---|---|"
    for metric, row in mapping.metrics.items():
        for word, coding in row.values.items():
            yield f"| `{metric.value}` | `{word}` | {_codes([coding], named=True)} |"


def in_words(change: Change) -> str:
    """Say what a site's file changes at one key."""
    where = f"{change.section}.{change.name}.{change.key}"
    if isinstance(change.before, dict) and isinstance(change.after, dict):
        words = [word for word, code in change.after.items() if change.before.get(word) != code]
        return f"{where}: {', '.join(words)}"
    return f"{where}: {_word(change.before)} -> {_word(change.after)}"


def _changed_keys(changed: Iterable[Change]) -> dict[tuple[str, str], list[str]]:
    keys: dict[tuple[str, str], list[str]] = {}
    for change in changed:
        keys.setdefault((change.section, change.name), []).append(change.key)
    return keys


def _word(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Unit):
        return f"{value.code} (from {_ways(value)})"
    if isinstance(value, tuple):
        return _codes(value)
    return "none" if value is None else str(value)


def _codes(codings: Iterable[Coding], *, named: bool = False) -> str:
    """Give codings as `LOINC 29463-7`, with their names where wanted."""
    one = "{system} {code} {display}" if named else "{system} {code}"
    return " + ".join(
        one.format(
            system=_NAMES.get(coding.system, coding.system),
            code=coding.code,
            display=coding.display,
        )
        for coding in codings
    )


def _what(row: MetricRow | PanelRow) -> str:
    if isinstance(row, PanelRow):
        return "panel"
    series = " series" if row.shape == "series" else ""
    return f"{row.unit.code}{series}" if row.unit is not None else row.shape


def _ways(unit: Unit | None) -> str:
    if unit is None or not unit.ways:
        return _NOTHING
    return ", ".join(f"{code}: {way}" for code, way in unit.ways.items())


def _profile(row: MetricRow | PanelRow) -> str:
    return row.profile.rpartition("/")[2] if row.profile else _NOTHING


def _metrics(*metrics: str | None) -> str:
    return ", ".join(f"`{metric}`" for metric in metrics if metric is not None) or _NOTHING


def _extras(row: MetricRow | PanelRow) -> list[str]:
    said = [] if row.enabled else ["off until a site enables it"]
    said += [f"method: {row.method}"] if row.method else []
    said += [f"derived from {row.derived_from}"] if row.derived_from else []
    said += [f"status {row.status}"] if row.status != "final" else []
    said += ["open days left out"] if row.open_day == "omit" else []
    thinned = row.resolution_seconds if isinstance(row, MetricRow) else None
    return said + ([f"every {thinned} s"] if thinned is not None else [])


def _details(row: MetricRow | PanelRow) -> Iterator[str]:
    """Give what a single row's line leaves out."""
    for coding in row.coding:
        yield f"    code      {_codes([coding], named=True)}"
    yield f"    profile   {_profile(row)}"
    if isinstance(row, MetricRow):
        yield f"    units     {_ways(row.unit)}"
        for word, coding in row.values.items():
            yield f"    {word}: {_codes([coding], named=True)}"
    else:
        for word, named in (
            ("value", _metrics(row.value)),
            ("always", _metrics(*row.components)),
            ("joining", _metrics(*row.joins)),
            ("members", _metrics(row.members)),
        ):
            yield f"    {word:<9} {named.replace('`', '')}"
