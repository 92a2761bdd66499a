"""Withings: its OAuth dialect, its calls, its measure types and their oddities.

Belongs here: everything that only Withings knows. Not here: what any other vendor shares (`base`).
"""

from ohx_pipelines.providers.withings.provider import WithingsProvider

__all__ = ["WithingsProvider"]
