"""Builds the Java processes when they are not there yet: Maven, then the slimmed definitions.

Belongs here: the folder `target`, what it was built from, and what to say when it cannot be built.
Not here: running anything of it (`java.py`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.hapi.slimming import check, slim

HERE = Path(__file__).resolve().parent
TARGET = HERE / "target"
STAMP = TARGET / "built-from"
LIBRARIES = TARGET / "lib"
DEFINITIONS = TARGET / "definitions.jar"
CLASSES = TARGET / "sandbox-hapi.jar"
FULL_DEFINITIONS = "hapi-fhir-validation-resources-r5-*.jar"
OLDEST_JAVA = 17
KEPT_LINES = 15
ADVICE = (
    f"A JDK of version {OLDEST_JAVA} or newer and Maven are needed "
    "(Debian and Ubuntu: apt-get install default-jdk-headless maven)."
)


class CannotBuild(Exception):
    """Java or Maven is missing or has failed; the message says what to do."""


def class_path() -> str:
    """Build what is not built yet, and give the class path.

    The slimmed definitions come first: of two files with one name, Java takes the first.
    """
    java()
    with _alone():
        source = _fingerprint()
        if not STAMP.exists() or STAMP.read_text() != source:
            _build()
            STAMP.write_text(source)
    libraries = sorted(LIBRARIES.glob("*.jar"))
    return os.pathsep.join(map(str, [DEFINITIONS, CLASSES, *libraries]))


def java() -> str:
    """Give the path of Java; raises CannotBuild when there is none, or one that is too old."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if found is None:
        raise CannotBuild(f"There is no Java here. {ADVICE}")
    said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise CannotBuild(f"The Java here is too old. {ADVICE}")
    return found


def _build() -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotBuild(f"There is no Maven here. {ADVICE}")
    # Jars of an older build would stay on the class path.
    shutil.rmtree(LIBRARIES, ignore_errors=True)
    copying = ["-DincludeScope=runtime", f"-DoutputDirectory={LIBRARIES}"]
    goals = ["package", "dependency:copy-dependencies", *copying]
    done = subprocess.run(  # noqa: S603 (our own pom)
        [maven, "-q", "-B", "-f", str(HERE / "pom.xml"), *goals],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[:KEPT_LINES])
        raise CannotBuild(f"Maven failed; it fetches HAPI FHIR from its repository once.\n{last}")
    [full] = LIBRARIES.glob(FULL_DEFINITIONS)
    slim(full, DEFINITIONS)
    check(full, DEFINITIONS)


def _fingerprint() -> str:
    """Give a digest of everything that the build is made from."""
    sources = [HERE / "pom.xml", HERE / "slimming.py"]
    sources += sorted(one for one in (HERE / "src").rglob("*") if one.is_file())
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.relative_to(HERE)}\n".encode() + source.read_bytes())
    return digest.hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process build, and the others wait for it."""
    TARGET.mkdir(exist_ok=True)
    with (TARGET / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
