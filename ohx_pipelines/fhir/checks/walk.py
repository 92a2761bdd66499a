"""The walk through a resource along the shape that its type or a profile asks for.

Belongs here: visiting each element once and noting what is broken. Not here: the rules
(`places.py` and what it compiles from).
"""

from __future__ import annotations

from typing import Any

from ohx_pipelines.fhir.checks.definitions import CANONICAL, is_resource_type
from ohx_pipelines.fhir.checks.places import Place, Shape, root_place, type_shape
from ohx_pipelines.fhir.checks.problem import Problem


def walked(resource: dict[str, Any], address: str) -> list[Problem]:
    """Give what a resource breaks of the structure at that canonical address."""
    walk = _Walk(resource)
    walk.item(root_place(address), resource, str(resource["resourceType"]))
    return walk.found


class _Walk:
    """One visit of one resource; an inner resource gets a visit of its own."""

    def __init__(self, resource: dict[str, Any]) -> None:
        self._resource = resource
        self.found: list[Problem] = []

    def item(self, place: Place, value: Any, path: str) -> None:
        """Check one value, not a list; a value of the wrong JSON type is the schema's business."""
        if place.is_primitive:
            if isinstance(value, dict):
                return
        elif not isinstance(value, dict):
            return
        elif not value or value.keys() == {"id"}:
            self._note("ele-1", path)
        for rule, test in place.tests:
            if not test(value):
                self._note(rule, path)
        for rule, holds in place.rules:
            if not holds(value, self._resource):
                self._note(rule, path)
        if isinstance(value, dict):
            self._inside(place, value, path)

    def _inside(self, place: Place, value: dict[str, Any], path: str) -> None:
        if place.type == "Resource":
            self._inner_resource(value, path)
        elif place.shape is not None:
            self._object(place.shape, value, path)

    def _inner_resource(self, value: dict[str, Any], path: str) -> None:
        kind = value.get("resourceType")
        if not is_resource_type(kind):
            self._note("unknown-type", path)
            return
        inner = _Walk(value)
        inner.item(root_place(f"{CANONICAL}{kind}"), value, path)
        self.found.extend(inner.found)

    def _object(self, shape: Shape, value: dict[str, Any], path: str) -> None:
        for need in shape.needs:
            if need.label not in value and value.keys().isdisjoint(need.names):
                self._note(need.rule, f"{path}.{need.label}")
        for choice in shape.choices:
            if len(value.keys() & choice.names) > 1:
                self._note("choice", f"{path}.{choice.label}")
        for name, part in value.items():
            place = shape.places.get(name)
            if place is not None:
                self._placed(place, part, f"{path}.{name}")
            elif name != "resourceType":
                self._stranger(shape, name, part, path)

    def _placed(self, place: Place, part: Any, path: str) -> None:
        if not isinstance(part, list):
            if place.maximum == 0:
                self._note("cardinality", path)
            self.item(place, part, path)
            return
        if not part and not place.is_primitive:
            self._note("ele-1", path)
        elif part and not place.minimum <= len(part) <= place.maximum:
            self._note("cardinality", path)
        if place.slicing is not None:
            self._sliced(place, part, path)
            return
        for index, one in enumerate(part):
            self.item(place, one, f"{path}[{index}]")

    def _sliced(self, place: Place, part: list[Any], path: str) -> None:
        slicing = place.slicing
        if slicing is None:
            return
        homes = [slicing.home(one) for one in part]
        for index, (home, one) in enumerate(zip(homes, part, strict=True)):
            if home is None and slicing.is_closed:
                self._note("slice", f"{path}[{index}]")
            self.item(place if home is None else home.place, one, f"{path}[{index}]")
        for one_slice in slicing.slices:
            count = sum(home is one_slice for home in homes)
            if not one_slice.place.minimum <= count <= one_slice.place.maximum:
                self._note("slice", path)

    def _stranger(self, shape: Shape, name: str, part: Any, path: str) -> None:
        """Note what has no place here: an unknown name, or a type that is not allowed."""
        base = name.removeprefix("_")
        place = shape.places.get(base)
        if place is not None and place.is_primitive:
            # The sibling of a primitive carries its id and extensions.
            for one in part if isinstance(part, list) else [part]:
                if isinstance(one, dict):
                    self._object(type_shape(f"{CANONICAL}Element"), one, f"{path}.{base}")
            return
        labels = [choice.label for choice in shape.choices if _is_typed(base, choice.label)]
        if labels:
            self._note("type", f"{path}.{labels[0]}")
        else:
            self._note("unknown-element", path)

    def _note(self, rule: str, path: str) -> None:
        self.found.append(Problem(rule, path))


def _is_typed(name: str, label: str) -> bool:
    return name.startswith(label) and name[len(label) : len(label) + 1].isupper()
