"""What `ohx doctor` says of clocks, as the Date headers of others and the database tell them."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ohx_pipelines.cli.checks.clocks import check_clocks
from tests.unit.dagster_settings import some_settings

NAMES = ("EHR", "Withings", "provider")


class Clocks(ThreadingHTTPServer):
    """A server whose path names whose clock it is; a refusal tells the time as well."""

    daemon_threads = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Told)
        self.ahead, self.asked = {}, []


class Told(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.headers)
        seconds = self.server.ahead.get(self.path.split("/")[1], 0)
        self.send_response_only(401)
        if seconds is not None:
            now = datetime.now(UTC) + timedelta(seconds=seconds)
            self.send_header("Date", format_datetime(now, usegmt=True))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def clocks():
    with Clocks() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def check(clocks, store):
    """Judge clocks that are so many seconds ahead of ours; None is a server without one."""

    def give(*, with_store=True, **ahead):
        clocks.ahead = ahead
        ehr, vendor, issuer = (f"http://127.0.0.1:{clocks.server_port}/{name}" for name in NAMES)
        settings = some_settings(
            ehr={"url": ehr, "auth": "bearer", "token": "CANARY"},
            oidc={"issuer": issuer, "client_id": "c", "client_secret": "CANARY"},
            withings={"client_id": "a", "client_secret": "CANARY", "api_url": vendor},
        )
        [finding] = check_clocks(settings, store if with_store else None)
        return finding

    return give


@pytest.mark.parametrize(
    ("ahead", "level", "said"),
    [
        ({}, "ok", "within"),
        ({"EHR": 25}, "ok", "within"),
        ({"EHR": -25}, "ok", "within"),
        ({"EHR": 40}, "warning", "the EHR is 40 s ahead of us"),
        ({"Withings": -40}, "warning", "Withings is 40 s behind us"),
        ({"provider": 290}, "warning", "the identity provider is 290 s ahead of us"),
        ({"provider": -310}, "failed", "the identity provider is 310 s behind us"),
        ({"EHR": 40, "Withings": 400}, "failed", "the EHR is 40 s ahead of us"),
    ],
)
def test_a_clock_is_judged_by_how_far_it_is_off(check, ahead, level, said):
    finding = check(**ahead)

    assert finding.level == level
    # A Date header counts whole seconds, so the number told may be one off.
    number = next((word for word in said.split() if word.isdigit()), None)
    near = [said.replace(number, str(int(number) + n)) for n in (-1, 0, 1)] if number else [said]
    assert any(one in finding.found for one in near), finding.found
    assert ("NTP" in finding.advice) is (level != "ok")


def test_nothing_secret_is_sent_to_ask_for_the_time(clocks, check):
    check()

    assert len(clocks.asked) == len(NAMES)
    assert "CANARY" not in "".join(str(headers) for headers in clocks.asked)


def test_a_server_that_tells_no_time_is_named_and_the_others_are_compared(check):
    finding = check(EHR=None)

    assert finding.level == "ok"
    assert "no clock was told by the EHR" in finding.found
    assert "the database" in finding.found


def test_without_any_clock_there_is_a_warning(check):
    finding = check(with_store=False, EHR=None, Withings=None, provider=None)

    assert (finding.level, finding.found.split(";")[0]) == ("warning", "nothing to compare with")
