"""Walking through a resource, element by element, with the path of each.

Belongs here: the walk itself. Not here: what is checked on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Element:
    """One element, or one item of a repeating one."""

    value: Any
    place: str  # `Observation.component[1].valueQuantity`
    path: str  # the same without numbers

    @property
    def name(self) -> str:
        """Give the element's own name."""
        return self.path.rpartition(".")[2]


def walk(resource: dict[str, Any], root: str) -> Iterator[Element]:
    """Give the resource itself and everything in it, arrays as a whole and by item."""
    yield from _walk(Element(resource, root, root))


def _walk(element: Element) -> Iterator[Element]:
    yield element
    if isinstance(element.value, dict):
        for name, part in element.value.items():
            yield from _walk(Element(part, f"{element.place}.{name}", f"{element.path}.{name}"))
    elif isinstance(element.value, list):
        for number, part in enumerate(element.value):
            yield from _walk(Element(part, f"{element.place}[{number}]", element.path))
