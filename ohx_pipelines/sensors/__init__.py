"""Dagster wiring of what starts by itself: links become partitions, links end, nights.

Belongs here: sensors and schedules. Not here: what a run does (`assets/`).
"""

from ohx_pipelines.sensors.link_partitions import build_link_sensor
from ohx_pipelines.sensors.nightly import build_nightly
from ohx_pipelines.sensors.stranded_retries import build_stranded_sensor
from ohx_pipelines.sensors.unlinking import build_unlink_sensor

__all__ = ["build_link_sensor", "build_nightly", "build_stranded_sensor", "build_unlink_sensor"]
