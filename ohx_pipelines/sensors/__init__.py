"""Dagster wiring of what starts by itself: partitions, ends, nights, copies, imports.

Belongs here: sensors and schedules. Not here: what a run does (`assets/`).
"""

from ohx_pipelines.sensors.devices import build_devices_daily, devices_job
from ohx_pipelines.sensors.imports import build_imports_sensor
from ohx_pipelines.sensors.link_partitions import build_link_sensor
from ohx_pipelines.sensors.link_records import build_records_sensor
from ohx_pipelines.sensors.nightly import build_nightly
from ohx_pipelines.sensors.stranded_retries import build_stranded_sensor
from ohx_pipelines.sensors.unlinking import build_unlink_sensor

__all__ = [
    "build_devices_daily",
    "build_imports_sensor",
    "build_link_sensor",
    "build_nightly",
    "build_records_sensor",
    "build_stranded_sensor",
    "build_unlink_sensor",
    "devices_job",
]
