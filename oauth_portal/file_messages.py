"""What the portal says when an upload ends on a page of its own, and with which status.

Belongs here: one StatePage per thing that can happen to a whole file. Not here: other visits
(`messages.py`), or words for what is in a file (`file_words.py`).
"""

from __future__ import annotations

from http import HTTPStatus

from oauth_portal.messages import StatePage

FILE_TOO_LARGE = StatePage(
    "file_too_large",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "This file is too large",
    "The file is larger than this page takes. Nothing was carried over.",
    "Make sure that you chose the file that your app exported. If it is, export a shorter time, for"
    " example one year, and upload one file after the other.",
)
UPLOADS_BUSY = StatePage(
    "uploads_busy",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Please wait a moment",
    "Other files, or one of yours in another window, are being read at this moment. This one was not"
    " carried over yet.",
    "Try again in a minute.",
)
COMES_FROM_CLOUD = StatePage(
    "comes_from_cloud",
    HTTPStatus.CONFLICT,
    "These readings arrive by themselves",
    "Your {vendor} account is connected: its readings are carried over without a file. From a file"
    " each of them would stand in your record twice.",
    "There is nothing to upload. To use files instead, disconnect {vendor} on your devices page first.",
)
FILES_OF_ANOTHER_SIGN_IN = StatePage(
    "files_of_another_sign_in",
    HTTPStatus.CONFLICT,
    "Somebody else uploads files to this record",
    "Another person who signs in for the same record uploads files from {vendor} already.",
    "Let that person upload the file, or disconnect {vendor} first. If nobody should, tell {clinic}.",
)
FILE_OF_ANOTHER = StatePage(
    "file_of_another",
    HTTPStatus.CONFLICT,
    "This file seems to be somebody else’s",
    "The date of birth in the file is not the one in your record. Nothing was carried over.",
    "Export the file again with your own profile in the {vendor} app. If it is yours and the date is"
    " wrong in the app or in your record, correct it there or tell {clinic}.",
)
