"""Files in the demo: what patients' apps export, uploaded on the link page as they would.

Belongs here: who exports what, and the steps on the page. Not here: forms (`demo_browser.py`), or what
the apps write (the sandbox).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import requests

from ohx_pipelines.cli.demo_browser import Browser, ChosenFile

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Exported:
    """One person's file: their place among the sandbox's people, the app and its variant."""

    person: int
    app: str
    variant: str


# Nobody here has a link with OMRON's cloud and its app's file at once.
FILES = (
    Exported(person=3, app="beurer", variant="pro-de-comma"),
    Exported(person=1, app="beurer", variant="healthforyou-en"),
    Exported(person=2, app="omron_connect", variant="us"),
)
APPS = tuple(dict.fromkeys(one.app for one in FILES))


def uploaders(people: Sequence[Mapping[str, str]], app: str) -> list[Mapping[str, str]]:
    """Give who uploads files of an app."""
    return [people[one.person] for one in FILES if one.app == app]


def export(
    control: str, person: Mapping[str, str], exported: Exported, week: tuple[date, date]
) -> ChosenFile:
    """Have the person's app export a week."""
    asked = {"login": person["login"], "app": exported.app, "variant": exported.variant}
    asked |= {"from": week[0].isoformat(), "to": week[1].isoformat()}
    answer = requests.get(f"{control}/files/export", asked, timeout=TIMEOUT_SECONDS)
    answer.raise_for_status()
    return ChosenFile(name="export.csv", content=answer.content)


def upload(portal: str, person: Mapping[str, str], app: str, file: ChosenFile) -> None:
    """Go through sign-in, the check of the file and its publishing as the person would."""
    browser = Browser()
    browser.sign_in(portal, person["username"])
    browser.open(f"{portal}/upload/{app}")
    browser.submit("/check", {"zone": person["zone"]}, file=file)
    browser.submit("/publish", file=file)
    browser.close()
