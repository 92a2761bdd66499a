"""Every setting of the product, typed, read once: the environment first, then `.env`.

Belongs here: names, types, defaults and meanings of settings. Not here: what is done with them.
Each field's description is what `.env.example` says about it (a test compares the two).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from ohx_pipelines.ehr_settings import EhrSettings
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.provider_settings import (
    GoogleHealthSettings,
    OmronSettings,
    UploadSettings,
    WithingsSettings,
)
from ohx_pipelines.setting_types import DatabaseUrl, HttpUrl, LongSecret, Section, TokenKey

# Vendors with a cloud, by their section.
CLOUDS = ("withings", "google_health", "omron")


class OidcSettings(Section):
    """Where patients sign in."""

    issuer: HttpUrl = Field(description="Issuer of the OpenID Connect provider patients use.")
    client_id: str = Field(description="Client id of the portal at the identity provider.")
    client_secret: SecretStr = Field(description="Client secret of the portal there.")
    scopes: str = Field("openid profile fhirUser", description="Scopes asked for at sign-in.")
    patient_claim: str = Field(
        "fhirUser", description="Claim that names the FHIR Patient of whoever signs in."
    )


class PortalSettings(Section):
    """The link page."""

    host: str = Field("127.0.0.1", description="Address the portal listens on.")
    port: int = Field(8400, ge=1, le=65535, description="Port the portal listens on.")
    url: HttpUrl = Field(
        "http://127.0.0.1:8400",
        description="Public address of the portal, as patients see it.",
    )
    secret_key: LongSecret = Field(description="Signs the portal's session cookies.")
    clinic: str = Field("your clinic", description="Name of the clinic on the link page.")
    contact: str = Field(
        "Ask your clinic for help.", description="Help line at the foot of every page."
    )
    notifications: bool = Field(
        default=False,
        description="Have vendors tell the portal of new readings; they reach it by https alone.",
    )


class DagsterSettings(Section):
    """Dagster's own processes."""

    host: str = Field("127.0.0.1", description="Address the Dagster UI listens on.")
    port: int = Field(8401, ge=1, le=65535, description="Port the Dagster UI listens on.")
    database_url: DatabaseUrl | None = Field(
        None,
        description="Dagster's own database; when unset, `<database>_dagster` beside ours.",
    )
    run_retries: int = Field(
        2,
        ge=0,
        le=10,
        description="How often a run whose worker died is started again by itself; 0 is never.",
    )


class SyncSettings(Section):
    """How often and how much is synced."""

    nightly_cron: str = Field("5 12 * * *", description="When the nightly sync starts, cron, UTC.")
    devices_cron: str = Field(
        "35 11 * * *",
        description="When devices and sharing are looked at again for every link, cron, UTC.",
    )
    look_back_days: int = Field(
        3,
        ge=1,
        le=31,
        description="Days the nightly sync reads again, yesterday included.",
    )
    links_per_run: int = Field(
        50,
        ge=1,
        le=500,
        description="Links that one run of the nightly sync covers at most.",
    )
    partitions_per_run: int = Field(
        100,
        ge=1,
        le=500,
        description="Link-days that one run of a backfill covers at most.",
    )
    partition_sensor_seconds: int = Field(
        30, ge=5, description="How often new links are made partitions, seconds."
    )
    refresh_lease_seconds: float = Field(
        90.0,
        ge=1,
        description="How long one process may take to refresh a link's tokens, seconds; longer "
        "than three time-outs of the vendor and ten seconds.",
    )
    refusal_pause_seconds: float = Field(
        60.0,
        ge=0,
        description="Pause before a refused refresh is tried again and believed, seconds.",
    )
    longest_wait_seconds: float = Field(
        300.0,
        ge=0,
        description="How long a call may wait for its turn until its days end as `rate_limited`.",
    )
    breaker_links: int = Field(
        3,
        ge=1,
        description="Links in a row for which the vendor must fail until all processes pause.",
    )
    breaker_seconds: float = Field(
        60.0, ge=0, description="How long that pause is before one process tries again, seconds."
    )


class Settings(BaseSettings):
    """All settings. `OHX_EHR__URL` in the environment is `ehr.url` here."""

    model_config = SettingsConfigDict(
        env_prefix="OHX_",
        env_nested_delimiter="__",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
        frozen=True,
    )

    database_url: DatabaseUrl | None = Field(
        None,
        description="Our PostgreSQL database; when unset, `ohx up` starts a private server.",
    )
    state_dir: Path = Field(
        Path(".ohx"),
        description="Folder for the private PostgreSQL and Dagster's home.",
    )
    mapping_file: Path | None = Field(
        None,
        description="The site's changes to the mapping, YAML; judge it with `ohx mapping check`.",
    )
    identifier_secret: LongSecret = Field(
        description="Every id in the EHR derives from it: never change it, back it up."
    )
    token_key: TokenKey = Field(
        description="Key-encryption key of the token vault: 32 random bytes in base64."
    )
    token_key_id: str = Field("1", description="Name of that key; stored beside what it wraps.")
    partition_days: int = Field(
        366,
        ge=7,
        le=3660,
        description="Days that Dagster offers as partitions, back from today.",
    )
    most_restarts: int = Field(
        8,
        ge=0,
        description="Restarts of one process within ten minutes, then `ohx up` gives up.",
    )
    test_data: bool = Field(
        default=False,
        description="Label everything that is written as test data (HTEST).",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING"] = Field(
        "INFO", description="What the processes log from: DEBUG, INFO or WARNING."
    )
    ehr: EhrSettings = Field(description="The default EHR connection.")
    oidc: OidcSettings = Field(description="The identity provider.")
    withings: WithingsSettings | None = Field(
        None, description="The Withings application; without it nobody can link Withings."
    )
    google_health: GoogleHealthSettings | None = Field(
        None, description="The Google Cloud project for Fitbit; without it nobody can link Fitbit."
    )
    omron: OmronSettings | None = Field(
        None, description="The application at OMRON; without it nobody can link OMRON."
    )
    uploads: UploadSettings = Field(
        UploadSettings(),
        validate_default=True,
        description="Files that patients upload on the link page.",
    )
    portal: PortalSettings = Field(description="The link page.")
    dagster: DagsterSettings = Field(DagsterSettings(), description="Dagster's processes.")
    sync: SyncSettings = Field(SyncSettings(), description="The nightly sync.")

    @field_validator("uploads")
    @classmethod
    def _some_vendor(cls, given: UploadSettings, info: ValidationInfo) -> UploadSettings:
        """Refuse a deployment without any vendor; a section with a mistake is told of by itself.

        Files alone must have been asked for: a vendor's credentials are forgotten more often.
        """
        clouds = [info.data.get(name, name) for name in CLOUDS]
        if not any(clouds) and not ("apps" in given.model_fields_set and given.apps):
            names = ", ".join(
                f"OHX_{vendor.upper()}__CLIENT_{part}"
                for vendor in CLOUDS
                for part in ("ID", "SECRET")
            )
            message = (
                f"no vendor is set up: set one vendor's pair of {names}, or OHX_UPLOADS__APPS for"
                " files alone"
            )
            raise ValueError(message)
        return given

    @model_validator(mode="after")
    def _reachable_by_vendors(self) -> Self:
        """Refuse an address that no vendor would send to; a stand-in's own http is the exception."""
        plain = self.portal.url.startswith("http://")
        vendors = (one for name in CLOUDS if (one := getattr(self, name)) is not None)
        if self.portal.notifications and plain and any(_is_real(one) for one in vendors):
            message = "OHX_PORTAL__NOTIFICATIONS needs an https address in OHX_PORTAL__URL"
            raise ValueError(message)
        return self


def _is_real(vendor: WithingsSettings | GoogleHealthSettings | OmronSettings) -> bool:
    return vendor.api_url.startswith("https://")


def load_settings(env_file: Path | str | None = None) -> Settings:
    """Read all settings once: the environment, then `.env` (or the file OHX_ENV_FILE names).

    Raises ConfigurationError that names every missing or wrong variable and what to do, and never
    repeats a value.
    """
    try:
        return Settings(_env_file=_chosen(env_file))
    except ValidationError as error:
        lines = [_complaint(problem["loc"], problem["msg"]) for problem in error.errors()]
    advice = "Set them in the environment or in .env; .env.example explains each one."
    raise ConfigurationError("\n".join(["Settings are missing or wrong:", *lines, advice]))


class _MappingFile(BaseSettings):
    model_config = Settings.model_config

    mapping_file: Path | None = None


def site_mapping_file(env_file: Path | str | None = None) -> Path | None:
    """Read OHX_MAPPING_FILE alone, for commands that need no other setting."""
    return _MappingFile(_env_file=_chosen(env_file)).mapping_file


def _chosen(env_file: Path | str | None) -> Path | str | None:
    return env_file or os.environ.get("OHX_ENV_FILE", ".env") or None


def _complaint(location: tuple[int | str, ...], message: str) -> str:
    name = "OHX_" + "__".join(str(part).upper() for part in location)
    if not location:
        return f"  {message.removeprefix('Value error, ')}"
    if message != "Field required":
        return f"  {name}: {message.removeprefix('Value error, ')}"
    section = Settings.model_fields[str(location[0])].annotation if len(location) == 1 else None
    if isinstance(section, type) and issubclass(section, Section):
        required = [f for f, info in section.model_fields.items() if info.is_required()]
        name = ", ".join(f"{name}__{field.upper()}" for field in required)
    return f"  {name}: missing"
