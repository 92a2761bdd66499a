"""What a check found: a rule and a place, never a value.

Belongs here: the words in which checks answer. Not here: the checks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Problem:
    """A rule that a resource breaks.

    `rule` is the key of an invariant (obs-6, vs-2) or a short word (required, fixed-value);
    `expression` names elements and indices; `profile` is set when the base type has no such rule.
    """

    rule: str
    expression: str
    profile: str | None = None

    def of_profile(self, profile: str) -> Problem:
        """Give the same problem as one that only this profile raises."""
        return replace(self, profile=profile)
