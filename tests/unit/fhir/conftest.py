"""Measurements and a context to build resources from.

Belongs here: fixtures of the FHIR room's tests. Not here: a server (`test_publish.py` starts one).
"""

from dataclasses import replace
from datetime import UTC, datetime

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
        now=datetime(2026, 11, 24, 12, tzinfo=UTC),
    )


@pytest.fixture
def build_all(mapping, context):
    """Build readings; gives what was built and what was left out."""

    def built(*measurements, table=mapping, **changes):
        frame = to_frame(measurements)
        return build_observations(frame, mapping=table, context=replace(context, **changes))

    return built


@pytest.fixture
def build(build_all):
    """Build readings of which none is left out; gives the resources."""

    def built(*measurements, **changes):
        given = build_all(*measurements, **changes)
        assert given.left_out == {}
        return [one.resource for one in given.desired]

    return built
