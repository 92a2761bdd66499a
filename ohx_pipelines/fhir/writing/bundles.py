"""Bundles: so many entries, so many bytes, in the order they are given.

Belongs here: cutting a list of entries. Not here: what an entry says (`write_modes.py`) or what
comes of it (`writing/writer.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from ohx_pipelines.fhir.wire import dump

T = TypeVar("T")

# What public FHIR infrastructures take at most, in entries; 100 Observations are about 90 kB.
MOST_ENTRIES = 100
# Below 1 MB with the Bundle around them. A single larger entry goes alone: the EHR says if it may.
MOST_BYTES = 1_000_000
ROUND_AN_ENTRY = 2
ROUND_A_BUNDLE = 100


def in_bundles(
    items: Iterable[T], entry_of: Callable[[T], dict[str, Any]], *, beside: int = 0
) -> Iterator[list[T]]:
    """Cut items into Bundles' worth, in order, with room for so many other entries `beside` them.

    `entry_of` gives an item's entry.
    """
    chunk: list[T] = []
    size = ROUND_A_BUNDLE
    for item in items:
        added = len(dump(entry_of(item))) + ROUND_AN_ENTRY
        if chunk and (len(chunk) == MOST_ENTRIES - beside or size + added > MOST_BYTES):
            yield chunk
            chunk, size = [], ROUND_A_BUNDLE
        chunk.append(item)
        size += added
    if chunk:
        yield chunk
