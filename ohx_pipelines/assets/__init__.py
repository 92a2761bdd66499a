"""Dagster wiring of stages and devices, two factory calls per provider, and of what files bring.

Belongs here: asset specs, partitions, what a step logs. Not here: how a day is synced (`sync.py`) or a
link's record copied (`link_record.py`).
"""

from ohx_pipelines.assets.devices import build_devices
from ohx_pipelines.assets.imported import build_imported
from ohx_pipelines.assets.stages import build_stages

__all__ = ["build_devices", "build_imported", "build_stages"]
