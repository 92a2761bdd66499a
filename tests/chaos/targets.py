"""What the chaos kills: processes of one `ohx up`, found from its process id, ended by SIGKILL.

Belongs here: finding them. Not here: when (`runner.py`).
"""

import signal

import psutil

WORKER, DAEMON, PORTAL, POSTGRES = "run worker", "daemon", "portal", "postgresql"
TARGETS = (WORKER, DAEMON, PORTAL, POSTGRES)
_SPAWNED = "multiprocessing.spawn"


def victims(up_pid, target):
    """Processes that are the target now; several run workers may be."""
    children = _children(up_pid)
    if target == WORKER:
        servers = [one for one in children if "grpc" in _words(one)]
        return [w for s in servers for w in _children(s.pid) if _SPAWNED in " ".join(_words(w))]
    return [one for one in children if _is(one, target)]


def kill(process):
    """End it as a crash or the kernel's memory killer would; False when it was gone already."""
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return False
    return True


def code_servers(up_pid):
    return [one for one in _children(up_pid) if "grpc" in _words(one)]


def _is(process, target):
    words = _words(process)
    if target == POSTGRES:
        # The postmaster alone is a direct child, and names its data folder.
        return bool(words) and words[0].endswith("/postgres") and "-D" in words
    if target == DAEMON:
        return any(word.endswith("/dagster-daemon") for word in words)
    return target == PORTAL and "oauth_portal" in words


def _children(pid):
    try:
        found = psutil.Process(pid).children()
    except psutil.NoSuchProcess:
        return []
    return [one for one in found if _lives(one)]


def _lives(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _words(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []
