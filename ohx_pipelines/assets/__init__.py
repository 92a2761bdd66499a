"""Dagster wiring of the stages: one factory call per provider.

Belongs here: asset specs, partitions, what a step logs. Not here: how a day is synced (`sync.py`).
"""

from ohx_pipelines.assets.stages import build_stages

__all__ = ["build_stages"]
