"""What a setting may be: addresses, secrets, a database; and the group that holds some.

Belongs here: types that check themselves. Not here: settings (`settings.py`, `ehr_settings.py`).
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr
from sqlalchemy.engine import make_url

SECRET_LENGTH = 32
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def _http_url(value: str) -> str:
    return _exact_url(value).rstrip("/")


def _exact_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = "must be a full http(s) address"
        raise ValueError(message)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        message = "must use https (http is accepted for 127.0.0.1 and localhost only)"
        raise ValueError(message)
    return value


def _long_secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if len(text) < SECRET_LENGTH or "changeme" in text.lower():
        message = f"must be a random text of at least {SECRET_LENGTH} characters"
        raise ValueError(message)
    return value


def _token_key(value: SecretStr) -> SecretStr:
    try:
        key = base64.b64decode(value.get_secret_value(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != SECRET_LENGTH:
        message = f"must be {SECRET_LENGTH} random bytes in base64 (openssl rand -base64 32)"
        raise ValueError(message)
    return value


def _named_driver(value: str) -> str:
    """Name the driver: SQLAlchemy 2.1 reads a bare `postgresql://` as psycopg 3."""
    try:
        url = make_url(value)
    except Exception:  # noqa: BLE001 (SQLAlchemy's text would repeat the password)
        message = "must look like postgresql://user:password@host/database"
        raise ValueError(message) from None
    if url.get_backend_name() != "postgresql":
        message = "must name a PostgreSQL database"
        raise ValueError(message)
    return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


# A base address, without the slash at its end; and one that is called as it is written.
HttpUrl = Annotated[str, AfterValidator(_http_url)]
ExactUrl = Annotated[str, AfterValidator(_exact_url)]
LongSecret = Annotated[SecretStr, AfterValidator(_long_secret)]
TokenKey = Annotated[SecretStr, AfterValidator(_token_key)]
DatabaseUrl = Annotated[str, AfterValidator(_named_driver)]


class Section(BaseModel):
    """A group of settings; errors never repeat what was given."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid", frozen=True)
