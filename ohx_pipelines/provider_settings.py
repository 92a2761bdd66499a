"""Settings of vendors' applications: credentials, hosts, limits; a section per vendor.

Belongs here: one Section for each vendor of the registry. Not here: what is done with them
(`providers/`), or any other setting (`settings.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from ohx_pipelines.setting_types import HttpUrl, LongSecret, Section

# Apps whose exports can be read, by their names in the registry.
FILE_APPS = ("beurer", "omron_connect")
NO_APP = "none"
OMRON_TYPES = ("bloodpressure", "activity", "weight", "temperature", "oxygen")
SCOPE_MARK = ":"
# A scope as RFC 6749 section 3.3 has it.
_TYPE = re.compile(rf"([a-z]+)(?:{SCOPE_MARK}[!#-\[\]-~]+)?", re.ASCII)


class WithingsSettings(Section):
    """The Withings application and its hosts."""

    client_id: str = Field(description="Client id of the application registered with Withings.")
    client_secret: SecretStr = Field(description="Client secret of that application.")
    api_url: HttpUrl = Field(
        "https://wbsapi.withings.net", description="Base address of the Withings API."
    )
    authorize_url: HttpUrl = Field(
        "https://account.withings.com/oauth2_user/authorize2",
        description="Withings' consent page.",
    )
    timeout_seconds: float = Field(20.0, gt=0, description="Time-out of one call, seconds.")
    calls_per_minute: int = Field(
        120, ge=10, description="Calls a minute that Withings grants the application."
    )
    calls_per_minute_per_account: int = Field(
        90, ge=1, description="How many of them one patient's account may take."
    )
    paid_types: bool = Field(
        default=False,
        description="Ask also for what needs a paid Withings plan: pulse wave velocity.",
    )


class GoogleHealthSettings(Section):
    """The Google Cloud project that reads Fitbit data, and Google's hosts."""

    client_id: str = Field(description="OAuth client id of the Google Cloud project.")
    client_secret: SecretStr = Field(description="Client secret of that OAuth client.")
    api_url: HttpUrl = Field(
        "https://health.googleapis.com", description="Base address of the Google Health API."
    )
    authorize_url: HttpUrl = Field(
        "https://accounts.google.com/o/oauth2/v2/auth", description="Google's consent page."
    )
    token_url: HttpUrl = Field(
        "https://oauth2.googleapis.com/token", description="Google's token endpoint."
    )
    revoke_url: HttpUrl = Field(
        "https://oauth2.googleapis.com/revoke", description="Where Google revokes tokens."
    )
    timeout_seconds: float = Field(20.0, gt=0, description="Time-out of one call, seconds.")
    calls_per_minute: int = Field(
        120_000, ge=10, description="Calls a minute that Google grants the project."
    )
    calls_per_minute_per_account: int = Field(
        300, ge=1, description="How many of them Google grants each user; 150 before its review."
    )
    logs: bool = Field(
        default=False,
        description="Ask also for drinks and meals, which are counted and not carried.",
    )
    project: str | None = Field(
        None, description="Number of the Google Cloud project; for notifications alone."
    )
    service_account_file: Path | None = Field(
        None, description="JSON key of a service account of the project; for notifications alone."
    )
    subscriber: str = Field(
        "open-health-exchange",
        pattern=r"^[a-z][a-z0-9-]{2,34}[a-z0-9]$",
        description="Name of this deployment's subscriber in the project.",
    )
    webhook_secret: LongSecret | None = Field(
        None, description="What Google proves itself with at the portal; for notifications alone."
    )
    keyset_url: HttpUrl = Field(
        "https://www.gstatic.com/googlehealthapi/webhooks/webhooks_public_keyset.json",
        description="Where Google publishes the keys that sign notifications.",
    )

    @property
    def has_notifications(self) -> bool:
        """Whether all is set that notifications need."""
        return None not in {self.project, self.service_account_file, self.webhook_secret}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Refuse half of what notifications need: it would look like a vendor that is silent."""
        given = (self.project, self.service_account_file, self.webhook_secret)
        if any(one is not None for one in given) and not self.has_notifications:
            message = (
                "notifications need OHX_GOOGLE_HEALTH__PROJECT, "
                "OHX_GOOGLE_HEALTH__SERVICE_ACCOUNT_FILE and OHX_GOOGLE_HEALTH__WEBHOOK_SECRET"
            )
            raise ValueError(message)
        return self


class OmronSettings(Section):
    """The application at OMRON's partner API; hosts, scopes and limits come with the contract."""

    client_id: str = Field(description="Application id that OMRON issued.")
    client_secret: SecretStr = Field(description="Secret key of that application.")
    api_url: HttpUrl = Field(
        "https://prd-oauth.ohiomron.com/prd",
        description="Base address of OMRON's tokens and measurements.",
    )
    authorize_url: HttpUrl = Field(
        "https://prd-oauth-website.ohiomron.com/connect/authorize",
        description="OMRON's consent page.",
    )
    types: str = Field(
        "bloodpressure activity weight",
        description="What the contract grants, of bloodpressure activity weight temperature oxygen; "
        "as weight:bodyweight where it words that scope otherwise.",
    )
    timeout_seconds: float = Field(20.0, gt=0, description="Time-out of one call, seconds.")
    calls_per_minute: int = Field(
        60, ge=10, description="Calls a minute for the application; OMRON publishes no number."
    )
    page_size: int = Field(
        100, ge=1, le=1000, description="Readings asked for in one answer of OMRON."
    )
    revokes: bool = Field(
        default=True,
        description="Tell OMRON when a link ends; off where the contract offers no revocation.",
    )

    @field_validator("types")
    @classmethod
    def _known_types(cls, value: str) -> str:
        """Refuse a word that names no type, or one twice: nobody would miss its readings at once."""
        names = [found[1] if (found := _TYPE.fullmatch(one)) else "?" for one in value.split()]
        if not names or not {*names} <= {*OMRON_TYPES} or len({*names}) < len(names):
            message = (
                f"takes each of {', '.join(OMRON_TYPES)} once, with blanks between them, and as "
                f"name{SCOPE_MARK}scope where the contract words its scope otherwise"
            )
            raise ValueError(message)
        return value


class UploadSettings(Section):
    """Files that patients upload, and how much of one is taken."""

    apps: Annotated[tuple[str, ...], NoDecode] = Field(
        FILE_APPS,
        description="Whose exports may be uploaded, with commas: beurer, omron_connect; or none.",
    )
    most_megabytes: int = Field(10, ge=1, le=50, description="How large a file may be, megabytes.")
    most_rows: int = Field(200_000, ge=1, description="How many rows a file may have.")
    most_seconds: float = Field(
        120.0,
        gt=0,
        description="How long one upload may publish; uploaded again, the file goes on there.",
    )
    most_at_once: int = Field(
        3, ge=1, le=16, description="How many files are taken at one time; others wait their turn."
    )

    @field_validator("apps", mode="before")
    @classmethod
    def _known_apps(cls, value: object) -> tuple[str, ...]:
        """Read `beurer,omron_connect`, or `none`; raises ValueError for another app."""
        words = value.split(",") if isinstance(value, str) else value
        named = {str(one).strip() for one in words if one} if isinstance(words, Iterable) else {"?"}
        if not named - {NO_APP} <= set(FILE_APPS):
            message = f"takes {', '.join(FILE_APPS)} with commas between them, or {NO_APP}"
            raise ValueError(message)
        return tuple(one for one in FILE_APPS if one in named)
