"""Starting again what ended: growing pauses, a fresh start after a calm time, and an end to it."""

import signal

import pytest

from ohx_pipelines.cli.restarts import RestartPolicy, Watch, ended
from ohx_pipelines.errors import OhxError


class TooOften(OhxError):
    code = "too_often"


class Service:
    """Something to watch whose end and whose return a test decides."""

    name = "web"

    def __init__(self):
        self.status = None
        self.comes_up = True
        self.starts = 0

    def exit_status(self):
        return self.status

    def start_again(self):
        self.starts += 1
        if not self.comes_up:
            raise OhxError("no")
        self.status = None

    def complain(self, what):
        return TooOften(f"web {what}")


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def service():
    return Service()


def pause_before_restart(watch, service, clock, status=3):
    """End the service and look on until it is started again; gives how long that took."""
    service.status = status
    starts, ended_at = service.starts, clock.now
    watch.look(clock)
    while service.starts == starts:
        clock.now += 0.25
        watch.look(clock)
    return clock.now - ended_at


def keep_looking(watch, clock, seconds=100):
    for _ in range(seconds):
        clock.now += 1
        watch.look(clock)


def test_the_pause_doubles_up_to_half_a_minute(service, clock):
    watch = Watch(service, RestartPolicy(), now=clock())

    pauses = [pause_before_restart(watch, service, clock) for _ in range(8)]

    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_after_a_calm_minute_the_pause_is_short_again(service, clock):
    watch = Watch(service, RestartPolicy(), now=clock())
    assert [pause_before_restart(watch, service, clock) for _ in range(3)] == [0.5, 1, 2]

    clock.now += 59
    assert pause_before_restart(watch, service, clock) == 4
    clock.now += 60
    assert pause_before_restart(watch, service, clock) == 0.5


def test_what_ends_more_than_eight_times_in_ten_minutes_is_given_up(service, clock):
    watch = Watch(service, RestartPolicy(), now=clock())
    for _ in range(8):
        pause_before_restart(watch, service, clock)
        clock.now += 60

    service.status = 3
    with pytest.raises(TooOften, match="web ended with status 3, 9 times"):
        watch.look(clock)
    assert service.starts == 8


def test_ends_of_long_ago_do_not_count(service, clock):
    watch = Watch(service, RestartPolicy(), now=clock())
    for _ in range(30):
        pause_before_restart(watch, service, clock)
        clock.now += 80

    assert service.starts == 30


def test_a_service_that_does_not_come_up_is_tried_again_and_given_up(service, clock):
    watch = Watch(service, RestartPolicy(most=3), now=clock())
    service.comes_up = False
    service.status = -signal.SIGKILL

    with pytest.raises(TooOften, match="web did not start, 4 times"):
        keep_looking(watch, clock)
    assert service.starts == 3


def test_a_watch_without_restarts_gives_up_at_the_first_end(service, clock):
    watch = Watch(service, RestartPolicy(most=0), now=clock())
    service.status = 0

    with pytest.raises(TooOften):
        watch.look(clock)


def test_each_restart_is_announced_in_one_line(service, clock, capsys):
    watch = Watch(service, RestartPolicy(), now=clock())
    pause_before_restart(watch, service, clock, status=3)
    pause_before_restart(watch, service, clock, status=-signal.SIGKILL)

    assert capsys.readouterr().err.splitlines() == [
        "web ended with status 3: starting it again in 0.5 s (restart 1 of at most 8).",
        "web ended by SIGKILL: starting it again in 1 s (restart 2 of at most 8).",
    ]


def test_what_runs_is_left_alone(service, clock, capsys):
    watch = Watch(service, RestartPolicy(), now=clock())
    keep_looking(watch, clock)

    assert service.starts == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("status", "said"),
    [(0, "ended with status 0"), (-11, "ended by SIGSEGV"), (-40, "ended by signal 40")],
)
def test_an_end_is_told_by_status_or_signal(status, said):
    assert ended(status) == said
