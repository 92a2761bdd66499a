"""A site's overlay: what it may change of the shipped table, and how it is laid over it.

Belongs here: the keys that a site may set, and merging. Not here: whether the result holds
(`table/rules.py`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from yaml.nodes import MappingNode, Node

from ohx_pipelines.fhir.table.lines import Fault, Key, Tree, entries
from ohx_pipelines.fhir.table.rows import Coding, Mapping, MetricRow, PanelRow

_BOTH = ("enabled", "coding", "category", "status", "open_day", "method")
MAY_SET = {
    "metrics": (*_BOTH, "unit", "values", "resolution_seconds"),
    "panels": _BOTH,
}


def lay_over(base: Tree, overlay: Tree, shipped: Mapping) -> tuple[Tree, list[Fault]]:
    """Give the base with the overlay's keys in place of its own, and what the overlay may not say.

    A row's keys replace the base's whole (a coding, a unit), `values` word by word. The merged
    nodes keep their lines, so that a later fault names the file that it stands in. `shipped` is
    the base as a mapping.
    """
    faults = [*_may_not(base, overlay), *_without_effect(overlay, shipped)]
    refused = {fault.key for fault in faults}
    over = overlay.root if isinstance(overlay.root, MappingNode) else base.root
    return Tree(_merged(base.root, over, (), refused), overlay.file), faults


def _merged(base: Node | None, over: Node | None, path: Key, refused: set[Key]) -> Node | None:
    # Section, row, and in a row's values each word; below that the overlay's node stands alone.
    mergeable = len(path) <= len(("section", "row")) or path[-1] == "values"
    if not (mergeable and isinstance(base, MappingNode) and isinstance(over, MappingNode)):
        return over
    given = {k: v for k, v in entries(over).items() if (*path, k) not in refused}
    held = entries(base)
    laid = [
        # The overlay's key node comes with it: a fault is told where the site wrote it.
        (given[name][0], _merged(value, given[name][1], (*path, name), refused))
        if name in given
        else (key, value)
        for name, (key, value) in held.items()
    ]
    added = [entry for name, entry in given.items() if name not in held]
    return MappingNode(base.tag, [*laid, *added], base.start_mark, base.end_mark)


def _may_not(base: Tree, overlay: Tree) -> Iterator[Fault]:
    if overlay.root is None:
        return
    if not isinstance(overlay.root, MappingNode):
        yield Fault((), f"must be keys: {' and '.join(MAY_SET)}")
        return
    for section, (_, rows) in entries(overlay.root).items():
        if section not in MAY_SET:
            yield Fault((section,), f"a site may give {' and '.join(MAY_SET)} only")
        elif not isinstance(rows, MappingNode):
            yield Fault((section,), "must be rows by name")
        else:
            known = entries(entries(base.root)[section][1])
            for name, (_, row) in entries(rows).items():
                yield from _row_may_not((section, name), row, known)


def _row_may_not(key: Key, row: Node, known: dict[str, tuple[Node, Node]]) -> Iterator[Fault]:
    section, name = str(key[0]), str(key[1])
    if name not in known:
        yield Fault(key, f"there is none of that name{_meant(name, known)}")
    elif not isinstance(row, MappingNode):
        yield Fault(key, f"must be keys: {', '.join(MAY_SET[section])}")
    else:
        for word in entries(row):
            if word not in MAY_SET[section]:
                reason = f"a site may not set it; it may set {', '.join(MAY_SET[section])}"
                yield Fault((*key, word), reason)
        yield from _new_words(key, row, known[name][1])


def _without_effect(overlay: Tree, shipped: Mapping) -> Iterator[Fault]:
    """Find keys of a metric that its panel's Observation takes from the panel's row."""
    rows = (
        entries(entries(overlay.root)["metrics"][1]) if "metrics" in entries(overlay.root) else {}
    )
    for metric, panel in shipped.panel_of.items():
        own = set(_BOTH) - {"enabled"}
        if shipped.panels[panel].value is not metric:
            own.discard("coding")
        for word in entries(rows[metric.value][1]) if metric.value in rows else ():
            if word in own:
                yield Fault(("metrics", metric.value, word), f"set it at panels.{panel}")


def _new_words(key: Key, row: Node, base: Node) -> Iterator[Fault]:
    values = entries(row).get("values")
    if values is None:
        return
    words = entries(entries(base)["values"][1]) if "values" in entries(base) else {}
    for word in entries(values[1]):
        if word not in words:
            reason = f"is no word of the vocabulary{_meant(word, words)}"
            yield Fault((*key, "values", word), reason)


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; {close[0]!r} is meant perhaps" if close else ""


def borrowed_codes(base: Mapping, laid: Mapping) -> Iterator[Fault]:
    """Find rows that took a code which the shipped table gives to another meaning."""
    owners: dict[tuple[str, str], set[str]] = {}
    for name, coding, _ in _codings(base):
        owners.setdefault((coding.system, coding.code), set()).add(name)
    for name, coding, key in _codings(laid):
        others = owners.get((coding.system, coding.code), {name})
        if name not in others:
            reason = f"{coding.code} is the code of {', '.join(sorted(others))}: another meaning"
            yield Fault(key, reason)


def _codings(mapping: Mapping) -> Iterator[tuple[str, Coding, Key]]:
    rows: list[tuple[str, str, MetricRow | PanelRow]] = [
        *(("metrics", metric.value, row) for metric, row in mapping.metrics.items()),
        *(("panels", name, row) for name, row in mapping.panels.items()),
    ]
    for section, name, row in rows:
        for number, coding in enumerate(row.coding):
            yield name, coding, (section, name, "coding", number, "code")


def with_shipped_ways(base: Mapping, laid: Mapping) -> tuple[Mapping, list[Fault]]:
    """Give each changed unit the ways from all units that the shipped one is reached from."""
    metrics, faults = dict(laid.metrics), []
    for metric, row in laid.metrics.items():
        shipped = base.metrics[metric].unit
        if row.unit is None or shipped is None or row.unit == shipped:
            continue
        try:
            metrics[metric] = row.model_copy(update={"unit": row.unit.with_ways_of(shipped)})
        except ValueError as error:
            faults.append(Fault(("metrics", metric.value, "unit", "from"), str(error)))
    return laid.model_copy(update={"metrics": metrics}), faults


@dataclass(frozen=True)
class Change:
    """What an overlay changed of a row: a key, what it was and what it is."""

    section: str
    name: str
    key: str
    before: object
    after: object


def changes(base: Mapping, laid: Mapping) -> list[Change]:
    """List what an overlay changed, in the order of the table."""
    rows: list[tuple[str, str, MetricRow | PanelRow, MetricRow | PanelRow]] = [
        *(("metrics", one.value, base.metrics[one], row) for one, row in laid.metrics.items()),
        *(("panels", name, base.panels[name], row) for name, row in laid.panels.items()),
    ]
    return [
        Change(section, name, key, getattr(old, key), getattr(new, key))
        for section, name, old, new in rows
        for key in MAY_SET[section]
        if getattr(old, key) != getattr(new, key)
    ]
