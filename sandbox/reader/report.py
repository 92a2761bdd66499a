"""What the independent reader found: counts, never values.

Belongs here: the counts and their sum. Not here: how any of them comes about.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

ASPECTS = ("value", "unit", "offset", "end", "day", "device", "status")


@dataclass(kw_only=True)
class Report:
    """How many readings were compared, and how many differ in which way.

    The last four are counted, each by a word for what is wrong, where the reader follows what it saw.
    """

    missing: int = 0
    extra: int = 0
    doubled: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    devices: int = 0
    versions: Counter[str] = field(default_factory=Counter)
    retracted: Counter[str] = field(default_factory=Counter)
    provenance: Counter[str] = field(default_factory=Counter)
    governance: Counter[str] = field(default_factory=Counter)

    @property
    def followed(self) -> dict[str, Counter[str]]:
        """Give what is counted of versions and of the resources around the readings."""
        return {
            "versions": self.versions,
            "retracted": self.retracted,
            "provenance": self.provenance,
            "governance": self.governance,
        }

    @property
    def differences(self) -> int:
        """Give the sum; zero means that the EHR says exactly what the vendor says."""
        followed = sum(counts.total() for counts in self.followed.values())
        return self.missing + self.extra + self.doubled + self.wrong.total() + followed

    def as_json(self) -> dict[str, Any]:
        """Give the counts, and `why` for those that were counted by a word."""
        followed = {name: counts.total() for name, counts in self.followed.items()}
        return {
            "differences": self.differences,
            "missing": self.missing,
            "extra": self.extra,
            "doubled": self.doubled,
            "wrong": {aspect: self.wrong[aspect] for aspect in ASPECTS},
            **followed,
            "why": {
                f"{name}: {word}": count
                for name, counts in self.followed.items()
                for word, count in sorted(counts.items())
                if count
            },
            "compared": self.compared,
            "devices": self.devices,
        }
