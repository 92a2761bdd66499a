"""A strict FHIR server and its validator, as processes that end with the tests.

Belongs here: when these tests run, and their fixtures. Not here: what is expected of the servers.

They run when they are named: by `make conformance` (which sets OHX_TEST_CONFORMANCE, and fails when
nothing ran), or by their folder on pytest's command line. `make test` skips them: it has ten minutes
and no Java.
"""

import itertools
import os
import secrets
import shutil
from pathlib import Path

import pytest

from tests.conformance.servers import CannotStart, running
from tests.conformance.strict_ehr import StrictEhr

HERE = Path(__file__).parent
REQUIRED = "OHX_TEST_CONFORMANCE"
_passed = itertools.count()


def pytest_collection_modifyitems(config, items):
    if _is_chosen(config):
        return
    reason = "`make conformance` runs this: it starts a FHIR server of its own"
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


def _is_chosen(config):
    named = (Path(one.partition("::")[0]).resolve() for one in config.args)
    return REQUIRED in os.environ or any(HERE in (one, *one.parents) for one in named)


def pytest_runtest_logreport(report):
    if report.when == "call" and report.passed:
        next(_passed)


def pytest_sessionfinish(session):
    # Skipped tests judge nothing.
    if REQUIRED in os.environ and next(_passed) == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _started(*arguments):
    if REQUIRED not in os.environ and not (shutil.which("java") and shutil.which("mvn")):
        pytest.skip("needs a JDK and Maven")
    try:
        yield from running(*arguments)
    except CannotStart as error:
        pytest.fail(str(error))


@pytest.fixture(scope="session")
def hapi():
    """A server that validates whole requests: one invalid entry costs its Bundle."""
    for url in _started():
        yield StrictEhr(url)


@pytest.fixture(scope="session")
def storing_hapi():
    """A server that validates what it stores: in a batch an invalid entry costs itself."""
    for url in _started("--validation", "store"):
        yield StrictEhr(url)


@pytest.fixture(scope="session")
def referee():
    """The address of the validator: POST a resource, get its OperationOutcome."""
    yield from _started("--referee")


@pytest.fixture
def patient(hapi):
    """A Patient of whom nothing else is there."""
    return hapi.new_patient(f"patient-{secrets.token_hex(6)}")
