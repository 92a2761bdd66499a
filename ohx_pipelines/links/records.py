"""What the link store hands out: plain frozen records and their states.

Belongs here: the shapes other rooms see. Not here: tables (`models.py`) or queries (`store.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo


class LinkState(StrEnum):
    """Where a provider link stands; only `active` ones are synced."""

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    NEEDS_RELINK = "needs_relink"
    UNLINKING = "unlinking"
    UNLINKED = "unlinked"


# Nothing is read or written any more, also by a run that began before.
ENDED = frozenset({LinkState.UNLINKING, LinkState.UNLINKED})


class RecordState(StrEnum):
    """Whether the EHR's copy of a link says what the link says; `none` before it was confirmed."""

    NONE = "none"
    DUE = "due"
    WRITTEN = "written"


@dataclass(frozen=True, kw_only=True)
class EhrConnection:
    """One EHR endpoint. `credential` is the opened secret (bearer token, password, client secret).

    `private_key` is the opened JWK, as JSON, that signs for this connection now. `check_answer` is
    what `ohx ehr check` found out at `checked_at` about the server: nothing of any person.
    `leave_out` are resource types that this EHR is not given.
    """

    id: str
    name: str
    url: str
    auth: str
    username: str | None = None
    credential: str | None = field(default=None, repr=False)
    client_id: str | None = None
    scope: str | None = None
    token_url: str | None = None
    private_key: str | None = field(default=None, repr=False)
    write_mode: str = "put-id"
    leave_out: tuple[str, ...] = ()
    checked_at: datetime | None = None
    check_answer: Mapping[str, Any] | None = field(default=None, hash=False)
    timeout_seconds: float = 30.0


@dataclass(frozen=True, kw_only=True)
class EhrKey:
    """What may be shown of a key pair that signs for an EHR connection.

    `published_until` is None as long as no younger key has followed it.
    """

    kid: str
    public_jwk: Mapping[str, Any]
    made_at: datetime
    signs_from: datetime
    published_until: datetime | None
    signs: bool


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A person of the EHR who signed in; `id` is ours and opaque, `fhir_id` the EHR's."""

    id: str
    ehr_connection_id: str
    fhir_id: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A patient's account at one vendor. `id` is random base32, 12 characters, without meaning.

    `vendor_user` is None once the link was unlinked: the key that could open it is gone. `left_out`
    are data types that the renewal which gave this record took out of what is shared.
    """

    id: str
    provider: str
    patient: Patient
    state: LinkState
    scopes: frozenset[str]
    data_types: tuple[str, ...]
    zone: ZoneInfo | None
    vendor_user: str | None = field(repr=False)
    created_at: datetime
    confirmed_at: datetime | None = None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LinkStatus:
    """What lists and pages show of a link: never a person, a token or a reading.

    `scopes` are what the vendor granted. `unlink_asked_at` is when its owner last asked to end it, if
    ever. `record` says whether the EHR knows how the link stands, `record_error` how telling it
    failed last.
    """

    id: str
    provider: str
    state: LinkState
    zone: str | None
    created_at: datetime
    last_success_at: datetime | None
    last_success_day: date | None
    last_outcome: str | None
    unlink_asked_at: datetime | None = None
    data_types: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    record: RecordState = RecordState.NONE
    record_error: str | None = None


@dataclass(frozen=True, kw_only=True)
class OAuthState:
    """A pending authorization, given back once. `code_verifier` never leaves the server."""

    patient_id: str
    provider: str
    code_verifier: str | None = field(repr=False)
