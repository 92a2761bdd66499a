"""YAML with its lines: a fault in a table is told with file, line, key and reason.

Belongs here: reading, line numbers, keys that stand twice. Not here: what a table may say
(`table/rules.py`) or what a site may change (`overlay.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from ohx_pipelines.errors import ConfigurationError

Key = tuple[str | int, ...]
# A table is six keys deep; an alias of what it stands in has no end.
DEEPEST = 10
# File, line and words of a fault.
Told = tuple[str, int, str]


@dataclass(frozen=True)
class Fault:
    """Something wrong at a key of a table."""

    key: Key
    reason: str


class Tree:
    """A table as YAML nodes: its data, and where each key stands."""

    def __init__(self, root: Node | None, file: str) -> None:
        self.root = root
        self.file = file

    @classmethod
    def read(cls, text: str, file: str) -> Tree:
        """Read a text; raises ConfigurationError with the line where it is no YAML."""
        try:
            loader = yaml.SafeLoader(text)
        except ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise wrong_table([(file, line, "not valid YAML: a control character")]) from None
        loader.name = file
        try:
            return cls(loader.get_single_node(), file)
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
        finally:
            loader.dispose()
        raise wrong_table([(file, mark.line + 1 if mark else 1, "not valid YAML")])

    def data(self) -> Any:
        """Give what the nodes say; raises ConfigurationError for tags and keys that are no text."""
        try:
            return None if self.root is None else SafeConstructor().construct_document(self.root)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
        raise wrong_table([(self.file, mark.line + 1 if mark else 1, "not plain YAML data")])

    def keys_twice(self) -> list[Fault]:
        """Find keys that stand twice: YAML would take the last one and say nothing."""
        return [] if self.root is None else list(_keys_twice(self.root, ()))

    def told(self, faults: Iterable[Fault]) -> list[Told]:
        """Give faults with file and line, to be listed by `wrong_table`."""
        return [(*self._place(fault.key), _words(fault)) for fault in faults]

    def _place(self, key: Key) -> tuple[str, int]:
        node, mark = self.root, self.root.start_mark if self.root is not None else None
        for part in key:
            found = _child(node, part)
            if found is None:
                break
            node, mark = found
        return (mark.name, mark.line + 1) if mark is not None else (self.file, 1)


def wrong_table(told: Iterable[Told]) -> ConfigurationError:
    """Give the error that lists what is wrong with a mapping, each once, in order of lines."""
    lines = [f"{file}, line {line}: {words}" for file, line, words in sorted(set(told))]
    return ConfigurationError("\n  ".join(["the mapping is wrong:", *lines]))


def entries(node: Node | None) -> dict[str, tuple[Node, Node]]:
    """Give a mapping node's entries (key node, value node) by the key's text."""
    if not isinstance(node, MappingNode):
        return {}
    return {_text(key): (key, value) for key, value in node.value}


def _words(fault: Fault) -> str:
    where = ".".join(map(str, fault.key))
    return f"{where}: {fault.reason}" if where else fault.reason


def _text(key: Node) -> str:
    return key.value if isinstance(key, ScalarNode) else ""


def _child(node: Node | None, part: str | int) -> tuple[Node, yaml.Mark] | None:
    if isinstance(node, SequenceNode):
        inside = isinstance(part, int) and part < len(node.value)
        return (node.value[part], node.value[part].start_mark) if inside else None
    found = entries(node).get(str(part))
    return (found[1], found[0].start_mark) if found else None


def _keys_twice(node: Node, path: Key) -> Iterator[Fault]:
    if len(path) > DEEPEST:
        return
    if isinstance(node, SequenceNode):
        for number, value in enumerate(node.value):
            yield from _keys_twice(value, (*path, number))
    if isinstance(node, MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = _text(key)
            if name in seen:
                yield Fault((*path, name), "stands twice")
            seen.add(name)
            yield from _keys_twice(value, (*path, name))
