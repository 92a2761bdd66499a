"""`ohx demo` with a server that is not the sandbox's: one of its own, and one that others use too."""

import json
import os
import subprocess
import sys

import pytest

from tests.conformance.sandbox_people import synced_people

pytestmark = pytest.mark.slow


def demo(*arguments):
    ended = subprocess.run(
        [sys.executable, "-m", "ohx_pipelines.cli", "demo", "--once", "--json", *arguments],
        env={name: value for name, value in os.environ.items() if not name.startswith("OHX_")},
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def assert_whole(result):
    created = result["observations"]["created"]
    assert result["partitions"] == {"materialized": 70, "failed": 0}
    # The sandbox lists a row that nobody can read; what a server refuses would make its day fail.
    assert result["differences"] == 0
    assert result["second"] == {"created": 0, "updated": 0, "unchanged": created}
    assert result["ehr"]["Observation"] == created > 100
    assert result["ehr"]["Device"] > 0
    assert result["ehr_versions"] == {"1": created}


def test_the_demo_brings_a_strict_server_of_its_own():
    assert_whole(demo("--ehr", "hapi"))


def test_what_others_wrote_to_a_server_is_not_counted_as_the_demos(hapi):
    # The same people with the same devices, as an earlier demo would have left them there.
    earlier = synced_people(hapi.url)
    held = [hapi.versions(one["patient_id"]) for one in earlier]

    assert_whole(demo("--ehr-url", hapi.url))
    assert [hapi.versions(one["patient_id"]) for one in earlier] == held
