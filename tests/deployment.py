"""A whole deployment: `ohx up` as a process, beside a sandbox it knows by settings alone."""

import base64
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from ohx_pipelines.cli.dagster_api import DagsterApi
from ohx_pipelines.cli.demo import link_person
from ohx_pipelines.cli.supervisor import free_port
from ohx_pipelines.links.private_postgres import running_url
from sandbox.google_health.service_accounts import PROJECT_NUMBER
from tests.sandbox_process import running_sandbox

REPOSITORY = Path(__file__).resolve().parents[1]
READY = "Ctrl-C ends everything."


@dataclass
class Deployment:
    """A running `ohx up`: addresses, settings, and every line it printed."""

    portal: str
    dagster: str
    environment: dict
    sandbox: object
    process: subprocess.Popen
    lines: list = field(default_factory=list)

    @property
    def api(self):
        return DagsterApi(self.dagster)

    @property
    def database_url(self):
        folder = Path(self.environment["OHX_STATE_DIR"]).resolve() / "postgres"
        return running_url(folder, "ohx")

    def set_state(self, link, state):
        """Put a link in a state that no page leads to yet."""
        self._sql(
            "UPDATE provider_links SET state = :state WHERE id = :id RETURNING id",
            state=state,
            id=link,
        )

    def link_ids(self):
        """All links in the order in which they were made."""
        return [row.id for row in self._sql("SELECT id FROM provider_links ORDER BY number")]

    def _sql(self, statement, **parameters):
        engine = create_engine(self.database_url)
        with engine.begin() as connection:
            rows = connection.execute(text(statement), parameters).all()
        engine.dispose()
        return rows

    def everything_kept(self):
        """Every row of both databases, every file of the state folder, every printed line."""
        folder = Path(self.environment["OHX_STATE_DIR"])
        files = [one for one in (folder / "dagster").rglob("*") if one.is_file()]
        return {
            "database": self._every_row("ohx"),
            "dagster": self._every_row("ohx_dagster"),
            "files": "\n".join(one.read_bytes().decode(errors="replace") for one in files),
            "output": "\n".join(self.lines),
        }

    def _every_row(self, database):
        engine = create_engine(make_url(self.database_url).set(database=database))
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            assert tables
            found = [connection.execute(text(f'SELECT t::text FROM "{t}" t')) for t in tables]
            rows = [str(row[0]) for result in found for row in result]
        engine.dispose()
        return "\n".join(rows)

    @staticmethod
    def look_back_days(night):
        """The three days before the UTC date of a night, oldest first."""
        return [night.date() - timedelta(days=n) for n in (3, 2, 1)]

    def ohx(self, *arguments, environment=None):
        return subprocess.run(
            [sys.executable, "-m", "ohx_pipelines.cli", *arguments],
            env=environment or self.environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ask(self, query, **variables):
        answer = requests.post(
            f"{self.dagster}/graphql", json={"query": query, "variables": variables}, timeout=60
        ).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def link(self, person):
        link_person(self.portal, person)

    def wait(self, condition, seconds=300, what="the condition"):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            value = condition()
            if value:
                return value
            assert self.process.poll() is None, "\n".join(self.lines[-40:])
            time.sleep(0.5)
        pytest.fail(f"{what} did not come true; last lines:\n" + "\n".join(self.lines[-40:]))


@contextmanager
def state_folder():
    """A state folder that PostgreSQL's user can enter, as pytest's own cannot be by root's."""
    folder = Path(tempfile.mkdtemp(prefix="ohx-test-deployment-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def google_environment(sandbox, folder):
    """The settings of Google Health's stand-in; the key of its service account lies in `folder`."""
    addresses = sandbox.addresses["google_health"]
    file = folder / "service-account.json"
    answer = requests.get(f"{sandbox.control}/google_health/service_account", timeout=10)
    answer.raise_for_status()
    file.write_bytes(answer.content)
    return {
        "OHX_GOOGLE_HEALTH__CLIENT_ID": "app",
        "OHX_GOOGLE_HEALTH__CLIENT_SECRET": "app-secret",
        **{
            f"OHX_GOOGLE_HEALTH__{name.upper()}": addresses[name]
            for name in ("api_url", "authorize_url", "token_url", "revoke_url", "keyset_url")
        },
        "OHX_GOOGLE_HEALTH__CALLS_PER_MINUTE_PER_ACCOUNT": "10000",
        "OHX_GOOGLE_HEALTH__PROJECT": PROJECT_NUMBER,
        "OHX_GOOGLE_HEALTH__SERVICE_ACCOUNT_FILE": str(file),
        "OHX_GOOGLE_HEALTH__WEBHOOK_SECRET": "webhook-secret-of-the-test-deployment",
    }


@contextmanager
def running_deployment(*, google_health=False, **changes):
    """Run a deployment whose vendor is Withings, and with `google_health` that one as well."""
    portal_port, dagster_port = free_port(), free_port()
    portal = f"http://127.0.0.1:{portal_port}"
    with (
        state_folder() as folder,
        running_sandbox(
            "--callback-url",
            f"{portal}/api/base/provider-links/withings/oauth2_callback/",
            "--sign-in-callback-url",
            f"{portal}/sign-in/return",
            "--client-id",
            "app",
            "--client-secret",
            "app-secret",
            "--oidc-client-id",
            "portal",
            "--oidc-client-secret",
            "oidc-secret",
            # What is about a deployment is about few readings as well.
            *("--data", "measures"),
            *changes.pop("sandbox_arguments", ()),
        ) as sandbox,
    ):
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OHX_")},
            "OHX_ENV_FILE": "",
            "OHX_STATE_DIR": str(folder),
            "OHX_IDENTIFIER_SECRET": "identifier-secret-of-the-test-deployment",
            "OHX_TOKEN_KEY": base64.b64encode(b"t" * 32).decode(),
            "OHX_EHR__URL": sandbox.addresses["ehr"]["url"],
            "OHX_OIDC__ISSUER": sandbox.addresses["identity"]["issuer"],
            "OHX_OIDC__CLIENT_ID": "portal",
            "OHX_OIDC__CLIENT_SECRET": "oidc-secret",
            "OHX_WITHINGS__CLIENT_ID": "app",
            "OHX_WITHINGS__CLIENT_SECRET": "app-secret",
            "OHX_WITHINGS__API_URL": sandbox.addresses["withings"]["api_url"],
            "OHX_WITHINGS__AUTHORIZE_URL": sandbox.addresses["withings"]["authorize_url"],
            # The limit has tests of its own; what waits for its turn here would only be late.
            "OHX_WITHINGS__CALLS_PER_MINUTE": "10000",
            "OHX_WITHINGS__CALLS_PER_MINUTE_PER_ACCOUNT": "10000",
            "OHX_PORTAL__URL": portal,
            "OHX_PORTAL__PORT": str(portal_port),
            "OHX_PORTAL__SECRET_KEY": "portal-secret-key-of-the-test-deployment",
            "OHX_DAGSTER__PORT": str(dagster_port),
            "OHX_SYNC__PARTITION_SENSOR_SECONDS": "5",
            "OHX_SYNC__REFUSAL_PAUSE_SECONDS": "1",
            "OHX_PARTITION_DAYS": "31",
            **(google_environment(sandbox, folder) if google_health else {}),
            **changes,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "ohx_pipelines.cli", "up"],
            env=environment,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        deployment = Deployment(
            portal, f"http://127.0.0.1:{dagster_port}", environment, sandbox, process
        )
        reader = threading.Thread(
            target=lambda: deployment.lines.extend(line.rstrip() for line in process.stdout)
        )
        reader.start()
        try:
            deployment.wait(lambda: READY in deployment.lines, what="ohx up")
            yield deployment
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(120)
            reader.join(10)
            process.stdout.close()
