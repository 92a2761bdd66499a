"""Measurements and a context to build resources from.

Belongs here: fixtures of the FHIR room's tests. Not here: a server (`test_publish.py` starts one).
"""

import pytest

from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.observations import build_observations
from ohx_pipelines.measurements import to_frame


@pytest.fixture(scope="session")
def mapping():
    return load_mapping()


@pytest.fixture
def context():
    return PublishContext(
        vendor="withings",
        vendor_user="71234567",
        patient="p1",
        secret=b"s" * 32,
        source="https://example.org/source/withings",
    )


@pytest.fixture
def build(mapping, context):
    def built(*measurements, **changes):
        given = type(context)(
            **{name: getattr(context, name) for name in context.__dataclass_fields__} | changes
        )
        frame = to_frame(measurements)
        return [d.resource for d in build_observations(frame, mapping=mapping, context=given)]

    return built
