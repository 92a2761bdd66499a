"""What a subscriber or a subscription may say of itself, field by field.

Belongs here: checking what a caller sent. Not here: keeping it (`subscribers.py`, `subscriptions.py`).
One difference from the vendor: an address on this machine may be http.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.google_health.errors import Refused, invalid
from sandbox.google_health.tellable import SCOPES

AUTOMATIC, MANUAL = "AUTOMATIC", "MANUAL"
URI, CONFIGS, AUTHORIZATION = "endpointUri", "subscriberConfigs", "endpointAuthorization"
FIELDS = (URI, CONFIGS, AUTHORIZATION)
ID = re.compile(r"[a-z][a-z0-9-]{2,34}[a-z0-9]")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, kw_only=True)
class Config:
    """Data types, and whether users have to be subscribed one by one."""

    types: tuple[str, ...]
    policy: str

    def as_json(self) -> dict[str, Any]:
        """Give it as it was sent."""
        return {"dataTypes": list(self.types), "subscriptionCreatePolicy": self.policy}


def already_exists() -> Refused:
    """Give the refusal of an id that is taken."""
    return Refused(409, "ALREADY_EXISTS", "Requested entity already exists")


def checked_id(wanted: str, name: str) -> str:
    """Give an id that a caller chose; raises Refused when it is against the rules."""
    if not ID.fullmatch(wanted):
        raise invalid(f"{name} must be 4-36 characters of {ID.pattern}")
    return wanted


def masked(mask: str | None, given: Mapping[str, Any], known: tuple[str, ...]) -> set[str]:
    """Give the fields that an update is about; a mask may be written in either spelling."""
    if mask is None:
        return set(known) & given.keys()
    fields = {re.sub(r"_([a-z])", lambda at: at[1].upper(), one) for one in mask.split(",")}
    if not fields <= set(known):
        raise invalid("updateMask names a field that cannot be updated")
    return fields


def read_configs(given: Any) -> tuple[Config, ...]:
    """Give the configurations of a subscriber; raises Refused."""
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise invalid("subscriberConfigs must be a list of objects")
    configs = tuple(_config(one) for one in given)
    named = [one for config in configs for one in config.types]
    if len(named) != len(set(named)):
        raise invalid("a data type is named twice")
    return configs


def _config(given: Mapping[str, Any]) -> Config:
    types, policy = given.get("dataTypes"), given.get("subscriptionCreatePolicy")
    if not isinstance(types, list) or not types or not all(one in SCOPES for one in types):
        raise invalid("dataTypes must be supported data types in kebab-case")
    if policy not in {AUTOMATIC, MANUAL}:
        raise invalid("subscriptionCreatePolicy must be AUTOMATIC or MANUAL")
    return Config(types=tuple(types), policy=policy)


def read_secret(given: Any) -> str:
    """Give the whole value of the header that notifications will carry; raises Refused."""
    secret = given.get("secret") if isinstance(given, Mapping) else None
    if not isinstance(secret, str) or not re.fullmatch(r"[!-~]+ [!-~]+", secret):
        raise invalid("endpointAuthorization.secret must be a scheme and a value")
    return secret


def read_uri(given: Any) -> str:
    """Give an address as it was sent; raises Refused for one that is never told anything."""
    try:
        parts = urlsplit(given if isinstance(given, str) else "")
        host = parts.hostname or ""
    except ValueError:
        raise invalid("endpointUri must be a URL") from None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        raise invalid("endpointUri must be an HTTPS URL")
    return str(given)
