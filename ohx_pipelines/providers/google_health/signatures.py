"""Google's signatures of notifications: whether a body was signed by one of its keys.

Belongs here: fetching and keeping the keys, the header, the check. Not here: the format of the keys
(`keysets.py`), or what a body says (`delivered.py`). Without its keys nothing is believed.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ohx_pipelines.errors import VendorDown
from ohx_pipelines.providers.google_health.answers import HTTP_OK
from ohx_pipelines.providers.google_health.keysets import Keys, read_keyset

# The second is what older documents call it.
HEADERS = ("google-health-api-signature", "x-healthapi-signature")
KEPT_SECONDS = 86_400.0
# Keys change about once a month; a flood of made-up numbers must not become one of ours.
LEAST_SECONDS_BETWEEN = 60.0
# While the keys cannot be had Google tries again; a caller of ours must not wait for each time-out.
PAUSE_AFTER_FAILURE_SECONDS = 10.0
# Google waits for our answer meanwhile.
TIMEOUT_SECONDS = 5.0
# Tink's prefix of a signature: this byte, then the key's number.
_TINK, _NUMBER_BYTES = b"\x01", 4


class Keyset:
    """Google's public keys, fetched when they are needed and kept for a day in this process."""

    def __init__(
        self, url: str, *, session: requests.Session, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Fetch from `url`; `clock` counts seconds."""
        self._url = url
        self._clock = clock
        self._session = session
        self._lock = threading.Lock()
        self._keys: Keys = {}
        self._fetched_at: float | None = None
        self._failed_at: float | None = None

    def key(self, number: int) -> ec.EllipticCurvePublicKey | None:
        """Give a key, None when Google has none of this number.

        Raises a VendorError when that cannot be told: the keys could not be fetched.
        """
        # One caller fetches while the others wait for it.
        with self._lock:
            age = self._since(self._fetched_at)
            is_new = number not in self._keys and age >= LEAST_SECONDS_BETWEEN
            if age >= KEPT_SECONDS or is_new:
                self._fetch()
            return self._keys.get(number)

    def _fetch(self) -> None:
        if self._since(self._failed_at) < PAUSE_AFTER_FAILURE_SECONDS:
            message = "Google's keys could not be fetched a moment ago"
            raise VendorDown(message)
        # Until it has worked it counts as failed, however it ends.
        self._failed_at = self._clock()
        self._keys = read_keyset(self._content())
        self._fetched_at, self._failed_at = self._clock(), None

    def _content(self) -> bytes:
        try:
            answer = self._session.get(self._url, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        except requests.RequestException:
            answer = None
        if answer is None or answer.status_code != HTTP_OK:
            message = "Google's keys could not be fetched"
            raise VendorDown(message)
        return answer.content

    def _since(self, moment: float | None) -> float:
        return float("inf") if moment is None else self._clock() - moment


def is_signed(body: bytes, headers: Mapping[str, str], keyset: Keyset) -> bool:
    """Tell whether one of Google's keys signed this very body.

    Raises a VendorError when the keys are not at hand.
    """
    signature = next((headers[name] for name in HEADERS if name in headers), "")
    try:
        signed = base64.b64decode(signature, validate=True)
    except ValueError:
        return False
    number, der = signed[1 : 1 + _NUMBER_BYTES], signed[1 + _NUMBER_BYTES :]
    if signed[:1] != _TINK or not der:
        return False
    key = keyset.key(int.from_bytes(number, "big"))
    if key is None:
        return False
    try:
        key.verify(der, body, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
