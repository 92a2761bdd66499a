"""Which slice of a list an item belongs to, told by the values at the discriminators' paths.

Belongs here: matching. Not here: what a slice asks of its items (`places.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ohx_pipelines.fhir.checks.snapshot import Node

P = TypeVar("P")


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """The value that an item of the slice has at a path."""

    path: tuple[str, ...]
    value: Any


@dataclass(frozen=True, kw_only=True)
class Slice(Generic[P]):
    """Items with a meaning of their own, such as the systolic component."""

    place: P
    criteria: tuple[Criterion, ...]

    def holds(self, item: Any) -> bool:
        """Tell whether the item is one of this slice."""
        return all(one.value in values(item, one.path) for one in self.criteria)


@dataclass(frozen=True, kw_only=True)
class Slicing(Generic[P]):
    """The slices of a list, and whether an item of none is allowed."""

    is_closed: bool
    slices: tuple[Slice[P], ...]

    def home(self, item: Any) -> Slice[P] | None:
        """Give the slice that the item belongs to."""
        return next((one for one in self.slices if one.holds(item)), None)


def criteria(node: Node, paths: Sequence[Sequence[str]]) -> tuple[Criterion, ...]:
    """Read from the slice's own elements which values tell it apart."""
    return tuple(
        Criterion(path=tuple(path), value=next(_wanted(node, tuple(path)))) for path in paths
    )


def values(item: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Give all values at a path, through every list on the way."""
    if isinstance(item, list):
        for one in item:
            yield from values(one, path)
    elif not path:
        yield item
    elif isinstance(item, dict) and path[0] in item:
        yield from values(item[path[0]], path[1:])


def _wanted(node: Node, path: tuple[str, ...]) -> Iterator[Any]:
    # A pattern further up holds the value inside itself.
    if (whole := node.wanted()) is not None:
        yield from values(whole, path)
    elif path:
        for child in node.below(path[0]):
            yield from _wanted(child, path[1:])
