"""What Dagster loads: `build_defs()`, and nothing else lives here.

Belongs here: putting assets, sensors, schedules and resources together. Not here: any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from ohx_pipelines.assets import build_devices, build_imported, build_stages
from ohx_pipelines.core_dumps import forbid_core_dumps
from ohx_pipelines.providers.registry import file_facts, provider_facts
from ohx_pipelines.quiet_logs import log_to_stderr
from ohx_pipelines.resources import default_resources
from ohx_pipelines.sensors import (
    build_devices_daily,
    build_imports_sensor,
    build_link_sensor,
    build_nightly,
    build_records_sensor,
    build_stranded_sensor,
    build_unlink_sensor,
    devices_job,
)
from ohx_pipelines.settings import Settings, load_settings


def build_defs(
    settings: Settings | None = None, *, resources: Mapping[str, Any] | None = None
) -> dg.Definitions:
    """Give fresh Definitions; `resources` overrides any of the default ones by name.

    The in-process executor keeps readings in one process and saves three seconds a run.
    """
    given = settings or load_settings()
    clouds = provider_facts(given)
    stages = {facts.name: build_stages(facts, given) for facts in clouds}
    devices = {facts.name: build_devices(facts, given) for facts in clouds}
    jobs = {name: devices_job(name, assets) for name, assets in devices.items()}
    apps = {facts.name: build_imported(facts, given) for facts in file_facts(given)}
    return dg.Definitions(
        assets=[*stages.values(), *devices.values(), *apps.values()],
        schedules=[
            *(build_nightly(facts, stages[facts.name], given) for facts in clouds),
            *(build_devices_daily(name, job, given) for name, job in jobs.items()),
        ],
        sensors=[
            *(build_records_sensor(name, job, given) for name, job in jobs.items()),
            *(
                build(name, given)
                for name in [*stages, *apps]
                for build in (build_link_sensor, build_unlink_sensor)
            ),
            *(build_imports_sensor(name, given) for name in apps),
            build_stranded_sensor(),
        ],
        resources={**default_resources(), **(resources or {})},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Give Dagster the deployment's definitions; run workers and code servers log from here on."""
    forbid_core_dumps()
    settings = load_settings()
    log_to_stderr(settings.log_level)
    return build_defs(settings)
