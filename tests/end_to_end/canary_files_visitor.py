"""Somebody who uploads a file on the real pages, and one whose upload never becomes whole.

Belongs here: forms over HTTP, and over a bare socket. Not here: which file (`canary_files_cases.py`).
"""

import re
import socket
from urllib.parse import urlsplit

import requests

from ohx_pipelines.cli.demo_browser import ChosenFile
from tests.end_to_end import canary_journeys as go
from tests.end_to_end.canary_files_writing import chosen_name

_FIELD = 'name="{}" value="([^"]*)"'


class Uploader(go.Visitor):
    """A visitor with a file of their app."""

    def __init__(self, portal, owner, app, content):
        super().__init__(portal, owner.person, app)
        self.file = ChosenFile(name=chosen_name(owner), content=content)

    def come(self):
        go.sign_in(self)
        self.open(f"{self.portal}/upload/{self.vendor}")

    def check(self):
        self.submit("/check", self.zone(), file=self.file)

    def publish(self, *, partly=False):
        self.submit("/publish", {"partly": "yes"} if partly else {}, file=self.file)

    def zone(self):
        """What is chosen where the page asks for it."""
        return {"zone": self.person["zone"]} if 'name="zone"' in self.text else {}

    def send_half(self):
        """Send the head of a check and half of its body; gives the socket, which stays open."""
        fields = {"csrf_token": self._field("csrf_token"), **self.zone()}
        files = {"file": (self.file.name, self.file.content, "text/csv")}
        url = f"{self.portal}/upload/{self.vendor}/check"
        headers = {"Referer": url}
        ready = self._session.prepare_request(requests.Request("POST", url, headers, files, fields))
        place = urlsplit(url)
        lines = [f"POST {place.path} HTTP/1.1", f"Host: {place.netloc}"]
        lines += [f"{name}: {value}" for name, value in ready.headers.items()]
        open_end = socket.create_connection((place.hostname, place.port), timeout=30)
        open_end.sendall("\r\n".join([*lines, "", ""]).encode())
        open_end.sendall(ready.body[: len(ready.body) // 2])
        return open_end

    def _field(self, name):
        return re.search(_FIELD.format(name), self.text)[1]
