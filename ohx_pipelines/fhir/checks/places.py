"""What may and must stand where: snapshots compiled into something that is quick to walk.

Belongs here: turning elements into places with limits, types, codes and slices. Not here: walking
a resource (`walk.py`), or the invariants themselves (`invariants.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from ohx_pipelines.fhir.checks.bindings import binding
from ohx_pipelines.fhir.checks.definitions import CANONICAL, structures
from ohx_pipelines.fhir.checks.equality import matcher
from ohx_pipelines.fhir.checks.invariants import INVARIANTS, Rule
from ohx_pipelines.fhir.checks.primitives import FORMS
from ohx_pipelines.fhir.checks.slicing import Slice, Slicing, criteria
from ohx_pipelines.fhir.checks.snapshot import Node, referred, tree
from ohx_pipelines.fhir.checks.type_rules import TYPE_RULES

Test = Callable[[Any], bool]


@dataclass(frozen=True, kw_only=True)
class Need:
    """An element that must be there, under one of its JSON names."""

    label: str
    names: frozenset[str]
    rule: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An element of several types (`value[x]`), of which at most one may be there."""

    label: str
    names: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What an object may and must hold."""

    places: dict[str, Place]
    needs: tuple[Need, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """One JSON name of an object: how many, of which type, obeying what."""

    name: str
    type: str
    minimum: int
    maximum: float
    node: Node
    home: Node
    profile: str | None

    @cached_property
    def is_primitive(self) -> bool:
        """Tell whether the value is a JSON text, number or boolean."""
        return self.type[0].islower()

    @cached_property
    def shape(self) -> Shape | None:
        """Give the shape of the objects here, None when the type's definition is not vendored."""
        if self.node.children:
            return compiled(self.node, self.home)
        address = self.profile or CANONICAL + self.type
        return type_shape(address) if address in structures() else None

    @cached_property
    def rules(self) -> tuple[tuple[str, Rule], ...]:
        """Give the invariants of the element and of its type."""
        keys = dict.fromkeys(self.node.rules)
        address = self.profile or CANONICAL + self.type
        if address in structures():
            keys |= dict.fromkeys(tree(address).rules)
        listed = [(key, INVARIANTS[key]) for key in keys if key in INVARIANTS]
        return (*listed, *TYPE_RULES.get(self.type, ()))

    @cached_property
    def tests(self) -> tuple[tuple[str, Test], ...]:
        """Give what the value itself must be: form, fixed value, codes."""
        return tuple(self._tests())

    def _tests(self) -> Iterator[tuple[str, Test]]:
        if self.type in FORMS:
            yield "format", FORMS[self.type]
        for kind in ("fixed", "pattern"):
            if kind in self.node.element:
                yield f"{kind}-value", matcher(self.node.element[kind], exact=kind == "fixed")
        if (test := binding(self.node.element.get("codes"), self.type)) is not None:
            yield "binding", test

    @cached_property
    def slicing(self) -> Slicing[Place] | None:
        """Give how the items of a list are told apart, None where they are not."""
        if not self.node.slices:
            return None
        asked = self.node.element.get("slicing", {})
        paths = [one["path"].split(".") for one in asked.get("discriminator", [])]
        return Slicing(
            is_closed=asked.get("rules") == "closed",
            slices=tuple(
                Slice(
                    place=_place(self.name, self.type, node, self.home),
                    criteria=criteria(node, paths),
                )
                for node in self.node.slices.values()
            ),
        )


@cache
def type_shape(address: str) -> Shape:
    """Give the shape that a structure, a profile among them, asks for."""
    root = tree(address)
    return compiled(root, root)


@cache
def root_place(address: str) -> Place:
    """Give the place of a whole resource, as its type or a profile describes it."""
    return _place("", structures()[address]["type"], tree(address), tree(address))


def compiled(node: Node, home: Node) -> Shape:
    """Give the shape of an element; a snapshot lists all children of what it goes into."""
    places: dict[str, Place] = {}
    needs: list[Need] = []
    choices: list[Choice] = []
    for name, child in node.children.items():
        here = {place.name: place for place in _places(name, child, home)}
        places |= here
        needs.extend(_needs(name, child, here))
        if name.endswith("[x]"):
            choices.append(Choice(label=name[:-3], names=frozenset(here)))
    return Shape(places=places, needs=tuple(needs), choices=tuple(choices))


def _places(name: str, node: Node, home: Node) -> Iterator[Place]:
    if "content" in node.element:
        # The other branch says what is inside; how many there may be is said here.
        branch = referred(node.element["content"], home)
        yield _place(name, "BackboneElement", Node(node.element, branch.children), home)
        return
    if not name.endswith("[x]"):
        yield _place(name, _types(node)[0], node, home)
        return
    for kind in _types(node):
        typed = f"{name[:-3]}{kind[0].upper()}{kind[1:]}"
        narrowed = node.slices.get(typed)
        if narrowed is not None:
            yield _place(typed, kind, narrowed, home)
        elif not _is_closed(node):
            yield _place(typed, kind, Node(node.element, node.children), home)


def _place(name: str, kind: str, node: Node, home: Node) -> Place:
    maximum = node.element["max"]
    profile = next((one[1] for one in node.element.get("types", []) if one[1:]), None)
    return Place(
        name=name,
        type=kind,
        minimum=node.element.get("min", 0),
        maximum=float("inf") if maximum == "*" else int(maximum),
        node=node,
        home=home,
        profile=profile if profile in structures() else None,
    )


def _needs(name: str, node: Node, here: dict[str, Place]) -> Iterator[Need]:
    narrowed = [place for place in here.values() if place.name in node.slices and place.minimum]
    for place in narrowed:
        yield Need(label=place.name, names=_spelled([place.name]), rule="required")
    if node.element.get("min") and not narrowed:
        yield Need(label=name.removesuffix("[x]"), names=_spelled(here), rule="required")
    elif not name.endswith("[x]") and any(one.element.get("min") for one in node.slices.values()):
        yield Need(label=name, names=_spelled(here), rule="slice")


def _spelled(names: Iterable[str]) -> frozenset[str]:
    # A primitive that carries only an extension stands under its name with an underscore.
    return frozenset(spelled for name in names for spelled in (name, f"_{name}"))


def _types(node: Node) -> list[str]:
    codes = [one[0].rpartition(".")[2] for one in node.element.get("types", [])]
    return ["string" if code == "String" else code for code in codes] or ["Resource"]


def _is_closed(node: Node) -> bool:
    return bool(node.element.get("slicing", {}).get("rules") == "closed")
