"""Valid resources with one thing wrong each, chosen by a seeded generator.

Belongs here: the ways in which a resource can be spoiled. Not here: who judges the mutants
(`test_differential.py`).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

# The one thing that only our own checks read; its mutants would be no comparison.
UNREAD = ("data", "offsets")
UNITS = ("kg", "g", "[lb_av]", "cm", "mm[Hg]", "kPa", "/min", "{beats}/min", "%", "Cel", "K", "ms")
NO_UNITS = ("bpm", "mmHg", "kcals", "steps")
CODES = ("29463-7", "8867-4", "8480-6", "8462-4", "85354-9", "40443-4", "final", "vital-signs")
NO_CODES = ("finl", "vitals", "no such code", "attached ", "")
SYSTEMS = (
    "http://loinc.org",
    "http://unitsofmeasure.org",
    "http://terminology.hl7.org/CodeSystem/observation-category",
    "urn:iso:std:iso:11073:10101",
    "https://example.org/fhir/CodeSystem/other",
)
TIMES = ("2026", "2026-11", "2026-11-20", "2026-11-20T07:31:02", "2026-02-30", "20.11.2026", "")
PROFILES = ("vitalsigns", "bodyweight", "bp", "heartrate", "oxygensat", "bmi", "nosuchprofile")
CANONICAL = "http://hl7.org/fhir/StructureDefinition/"
CHOICES = {
    "value": {
        "valueString": "low",
        "valueBoolean": True,
        "valueInteger": 5,
        "valueQuantity": {"value": 1},
        "valueCodeableConcept": {"text": "low"},
        "valuePeriod": {"start": "2026-11-20"},
    },
    "effective": {
        "effectiveInstant": "2026-11-20T07:31:02Z",
        "effectivePeriod": {"start": "2026-11-20T07:31:02Z"},
        "effectiveDateTime": "2026-11-20T07:31:02Z",
        "effectiveTiming": {"event": ["2026-11-20T07:31:02Z"]},
    },
}


@dataclass(frozen=True)
class Mutant:
    """A spoiled resource: of which example, by what kind of change, at which place."""

    example: str
    kind: str
    place: str
    resource: dict = field(repr=False)


def mutants(examples, *, count, seed):
    """Give that many mutants, equally many of each kind as far as the examples allow it."""
    random = Random(seed)
    names, kinds = sorted(examples), sorted(KINDS)
    made = 0
    while made < count:
        kind, name = kinds[made % len(kinds)], random.choice(names)
        resource = copy.deepcopy(examples[name])
        place = KINDS[kind](resource, random)
        if place is not None and resource != examples[name]:
            made += 1
            yield Mutant(name, kind, place, resource)
        elif place is None:
            # This example has nothing of that kind (no unit, no zone): another kind's turn.
            kinds = kinds[1:] + kinds[:1]


def _spots(part, path="") -> Iterator[tuple[dict | list, str | int, str]]:
    for key, value in list(part.items() if isinstance(part, dict) else enumerate(part)):
        if key in UNREAD or key == "resourceType":
            continue
        place = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}"
        yield part, key, place
        if isinstance(value, dict | list):
            yield from _spots(value, place)


def _pick(resource, random, fits):
    spots = [spot for spot in _spots(resource) if fits(spot[0], spot[1], spot[0][spot[1]])]
    return random.choice(spots) if spots else None


def _replaced(resource, random, fits, others):
    spot = _pick(resource, random, fits)
    if spot is None:
        return None
    home, key, place = spot
    home[key] = others(home[key])
    return place


def _drop(resource, random):
    home, key, place = _pick(resource, random, lambda *_: True)
    del home[key]
    return place


def _retype(resource, random):
    def other(value):
        if isinstance(value, list):
            return random.choice([value[0], {}, "text", []])
        if isinstance(value, dict):
            return random.choice([[value], "text", 5, {}])
        if isinstance(value, str):
            return random.choice([5, [value], {"value": value}, True, None, value + " "])
        return random.choice([str(value), [value], None, Decimal("1.5"), {"value": value}])

    return _replaced(resource, random, lambda *_: True, other)


def _code(resource, random):
    return _replaced(
        resource,
        random,
        lambda home, key, value: isinstance(value, str) and key in ("code", "status", "type"),
        lambda _: random.choice(CODES + NO_CODES),
    )


def _unit(resource, random):
    return _replaced(
        resource,
        random,
        lambda home, key, value: key == "code" and "unitsofmeasure" in str(home.get("system")),
        lambda _: random.choice(UNITS + NO_UNITS),
    )


def _system(resource, random):
    return _replaced(
        resource, random, lambda home, key, value: key == "system", lambda _: random.choice(SYSTEMS)
    )


def _zone(resource, random):
    def other(value):
        return random.choice((*TIMES, value[:19], value.replace("T", " "), value[:16]))

    def fits(home, key, value):
        return isinstance(value, str) and value[:2] == "20" and value[4:5] == "-"

    return _replaced(resource, random, fits, other)


def _cardinality(resource, random):
    spot = _pick(resource, random, lambda home, key, value: isinstance(value, list) and value)
    if spot is None:
        return None
    home, key, place = spot
    if random.random() < 0.5:
        home[key].append(copy.deepcopy(random.choice(home[key])))
    else:
        home[key].pop(random.randrange(len(home[key])))
    return place


def _choice(resource, random):
    label = random.choice(sorted(CHOICES))
    homes = [resource, *resource.get("component", [])] if label == "value" else [resource]
    home = random.choice(homes)
    name = random.choice(sorted(CHOICES[label]))
    if random.random() < 0.5:
        for one in [one for one in home if one.startswith(label)]:
            del home[one]
    home[name] = copy.deepcopy(CHOICES[label][name])
    return f".{name}"


def _profile(resource, random):
    resource.setdefault("meta", {})["profile"] = [CANONICAL + random.choice(PROFILES)]
    return ".meta.profile"


def _stranger(resource, random):
    homes = [
        resource,
        *(v for home, key, _ in _spots(resource) if isinstance(v := home[key], dict)),
    ]
    home = random.choice(homes)
    home[random.choice(("valueQuantity", "foo", "component", "period", "text"))] = {"value": 1}
    return ".stranger"


def _swap(resource, random):
    spots = [spot for spot in _spots(resource) if isinstance(spot[0][spot[1]], dict)]
    if len(spots) < 2:
        return None
    (home, key, place), (other, name, _) = random.sample(spots, 2)
    home[key] = copy.deepcopy(other[name])
    return place


def _absent(resource, random):
    homes = [resource, *resource.get("component", [])]
    home = random.choice(homes)
    home["dataAbsentReason"] = {"text": "unknown"}
    if random.random() < 0.5:
        for one in [one for one in home if one.startswith("value")]:
            del home[one]
    return ".dataAbsentReason"


KINDS = {
    "absent": _absent,
    "cardinality": _cardinality,
    "choice": _choice,
    "code": _code,
    "drop": _drop,
    "profile": _profile,
    "retype": _retype,
    "stranger": _stranger,
    "swap": _swap,
    "system": _system,
    "unit": _unit,
    "zone": _zone,
}
