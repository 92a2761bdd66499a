"""A snapshot's flat list of elements as a tree: children, slices, references to other branches.

Belongs here: reading element ids. Not here: what the elements ask (`places.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ohx_pipelines.fhir.checks.definitions import CANONICAL, structures


@dataclass
class Node:
    """An element of a snapshot with the elements below it and its slices, both by name."""

    element: dict[str, Any]
    children: dict[str, Node] = field(default_factory=dict)
    slices: dict[str, Node] = field(default_factory=dict)

    @property
    def rules(self) -> dict[str, str]:
        """Give the invariants of this element: key -> FHIRPath expression."""
        return dict(self.element.get("rules", {}))

    def wanted(self) -> Any:
        """Give the fixed value or the pattern, None where there is none."""
        return self.element.get("fixed", self.element.get("pattern"))

    def below(self, name: str) -> Iterator[Node]:
        """Give the child of that name, and its slices after it."""
        child = self.children.get(name)
        if child is not None:
            yield child
            yield from child.slices.values()


@cache
def tree(address: str) -> Node:
    """Give the tree of a structure; raises KeyError when its definition is not vendored."""
    elements = structures()[address]["elements"]
    root = Node(elements[0])
    for element in elements[1:]:
        _hang(root, element)
    return root


def _hang(root: Node, element: dict[str, Any]) -> None:
    *parents, last = element["id"].split(".")[1:]
    node = root
    for segment in parents:
        node = _step(node, segment)
    name, _, slice_name = last.partition(":")
    if slice_name:
        node.children[name].slices[slice_name] = Node(element)
    else:
        node.children[name] = Node(element)


def _step(node: Node, segment: str) -> Node:
    name, _, slice_name = segment.partition(":")
    child = node.children[name]
    return child.slices[slice_name] if slice_name else child


def referred(content: str, home: Node) -> Node:
    """Give the node that a contentReference (`#Observation.referenceRange`) names."""
    address, _, path = content.partition("#")
    resource_type, *names = path.split(".")
    node = home if not address else tree(f"{CANONICAL}{resource_type}")
    for name in names:
        node = node.children[name]
    return node
