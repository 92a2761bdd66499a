"""Files on their way in: in memory alone, within limits, and only from whoever is signed in.

Belongs here: what is decided before anything of a body is read. Not here: how many bodies the server
takes at once (`large_bodies.py`), or what is done with a file (`uploading.py`).
Flask's own way puts a file above 500 kB into a temporary file: health data would be on the disk.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import IO

from flask import Request, abort, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from oauth_portal import sessions
from oauth_portal.file_messages import FILE_TOO_LARGE, UPLOADS_BUSY
from oauth_portal.large_bodies import BUSY, LEFT_OUT, NOT_ADMITTED, OTHER_FIELDS_BYTES
from oauth_portal.messages import SIGN_IN_FIRST, PageStop
from oauth_portal.services import services

ENDPOINTS = frozenset({"uploading.check", "uploading.publish"})
MOST_PARTS = 20
# Werkzeug reads 64 kB at a time and holds its own buffer to the same limit.
FORM_MEMORY_BYTES = 256 * 1024


class MemoryRequest(Request):
    """A request whose files are kept in memory: `max_content_length` bounds them."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        del total_content_length, content_type, filename, content_length
        return BytesIO()


def take_large_bodies() -> None:
    """Let uploads be larger than other forms, for who is signed in; before any form is read."""
    if request.endpoint not in ENDPOINTS or request.method != "POST":
        return
    app = (request.view_args or {}).get("app")
    if app not in services().files:
        abort(404)
    if sessions.current() is None:
        raise PageStop(SIGN_IN_FIRST)
    left_out = request.environ.get(f"HTTP_{LEFT_OUT}")
    if left_out == NOT_ADMITTED:
        raise PageStop(SIGN_IN_FIRST)
    if left_out == BUSY:
        raise PageStop(UPLOADS_BUSY, retry=url_for("uploading.page", app=app))
    if left_out is not None:
        raise RequestEntityTooLarge
    request.max_content_length = most_bytes()
    request.max_form_memory_size = FORM_MEMORY_BYTES
    request.max_form_parts = MOST_PARTS


def most_bytes() -> int:
    """Give how large a body with a file may be."""
    return services().settings.uploads.most_megabytes * 1024 * 1024 + OTHER_FIELDS_BYTES


def too_large() -> PageStop:
    """Say how large a file may be, and what helps."""
    limit = services().settings.uploads.most_megabytes
    happened = f"A file may have at most {limit} MB. Nothing was carried over."
    page = replace(FILE_TOO_LARGE, happened=happened)
    app = (request.view_args or {}).get("app")
    return PageStop(page, retry=url_for("uploading.page", app=app))
