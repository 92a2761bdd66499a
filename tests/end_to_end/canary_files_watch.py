"""Which files the processes of a deployment open for writing, hold or delete while they run.

Belongs here: seeing files that are gone when a search begins. Not here: files that stay
(`canary_places.py`).
Every Python process notes what it opens itself, by an audit hook that PYTHONPATH brings into it; what
other code opens is seen in /proc, now and then.
"""

import json
import os
import re
import stat
import threading
from contextlib import suppress
from pathlib import Path

import psutil

from tests.chaos.questions import eventually

LOOK_SECONDS = 0.15
MOST_BYTES = 32 << 20
NOTES, KEPT = "notes", "kept"
# Compiled code, and what `tempfile` tries with whether its folder can be written; what it then makes
# has a prefix, or only the folder's own name.
_USUAL = re.compile(r"/dev/null|.*/__pycache__/.*|.*/[a-z0-9_]{8}")
# Imported by the interpreter before anything of ours.
HOOK = """
import json, os, sys, threading
PLACE = {place!r}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
busy = threading.local()


def note(event, path):
    told = {{"argv": sys.orig_argv, "event": event, "path": os.fsdecode(path)}}
    notes = os.open(PLACE + "/notes", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(notes, (json.dumps(told) + "\\n").encode())
    os.close(notes)


def keep(path, folder):
    path = os.fsdecode(path)
    if isinstance(folder, int) and folder >= 0:
        path = f"/proc/self/fd/{{folder}}/{{path}}"
    note("remove", path)
    with open(path, "rb") as file, open(PLACE + "/kept/" + os.urandom(8).hex(), "wb") as copy:
        copy.write(file.read({most}))


def hook(event, details):
    if event not in ("open", "os.remove") or getattr(busy, "now", False):
        return
    busy.now = True
    try:
        if event == "os.remove":
            keep(*details[:2])
        elif isinstance(details[0], (str, bytes)) and (details[-1] or 0) & WRITES:
            note("open", details[0])
    except OSError:
        pass
    finally:
        busy.now = False


note("start", sys.executable)
sys.addaudithook(hook)
"""


def watched_environment(place):
    """Settings with which every Python process notes its files below `place`."""
    (place / KEPT).mkdir()
    (place / "sitecustomize.py").write_text(HOOK.format(place=str(place), most=MOST_BYTES))
    return {"PYTHONPATH": str(place)}


def written_by(place, part):
    """Paths that processes with this word in their command opened for writing."""
    opened = {one["path"] for one in _opened(place) if part in one["argv"]}
    return {path for path in opened if not _USUAL.fullmatch(path)}


def all_paths(place):
    """Every path that any process opened for writing."""
    return {one["path"] for one in _opened(place)}


def is_watched(place, part):
    """Tell whether a process with this word in its command has noted what it opens."""
    return any(part in one["argv"] for one in _noted(place, "start"))


def _opened(place):
    return _noted(place, "open")


def _noted(place, event):
    lines = (json.loads(one) for one in (place / NOTES).read_text().splitlines())
    return [one for one in lines if one["event"] == event]


def kept_bytes(place):
    """The content of every file that was deleted."""
    return b"\0".join(one.read_bytes() for one in (place / KEPT).iterdir())


class HeldFiles:
    """Notes the content of files that are open for writing, and deleted or outside of `searched`."""

    def __init__(self, searched):
        self._searched = [str(one) for one in searched]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._contents = {}
        self.looks = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    def look_again(self, seconds=30):
        """Wait until everything that is open now was looked at."""
        before = self.looks
        eventually(lambda: self.looks > before + 1, seconds, "a look", every=0.05)

    @property
    def content(self):
        """Everything that was seen, with the names."""
        parts = [(target.encode(), *seen) for (_, target), seen in [*self._contents.items()]]
        return b"\0".join(part for one in parts for part in one)

    def _watch(self):
        while not self._ended.wait(LOOK_SECONDS):
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error, OSError):
                    if not _is_others(process.cmdline()):
                        self._look(Path(f"/proc/{process.pid}"))
            self.looks += 1

    def _look(self, process):
        for one in (process / "fd").iterdir():
            with suppress(OSError):
                target = str(one.readlink())
                if target.startswith("/") and self._is_meant(target) and _is_written(process, one):
                    self._keep(one, target)

    def _is_meant(self, target):
        return target.endswith(" (deleted)") or not any(map(target.startswith, self._searched))

    def _keep(self, one, target):
        found = one.stat()
        if stat.S_ISREG(found.st_mode):
            with one.open("rb") as file:
                content = file.read(MOST_BYTES)
            seen = self._contents.setdefault(((found.st_dev, found.st_ino), target), [])
            # It is looked at while it grows; the number of one that is gone may come again.
            if seen and content.startswith(seen[-1]):
                seen[-1] = content
            elif not seen or not seen[-1].startswith(content):
                seen.append(content)


def _is_others(words):
    """The sandbox beside it is no part of a deployment; PostgreSQL's files are searched in place."""
    return not words or "sandbox" in words or "postgres" in Path(words[0]).name


def _is_written(process, one):
    said = (process / "fdinfo" / one.name).read_text()
    flags = next(int(line.split()[1], 8) for line in said.splitlines() if line.startswith("flags"))
    return flags & (os.O_WRONLY | os.O_RDWR)
