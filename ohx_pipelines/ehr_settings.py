"""The settings of the default EHR connection.

Belongs here: their names, meanings, and what each kind of auth needs. Not here: other settings
(`settings.py`), how a request is signed in (`fhir/auth.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, SecretStr, field_validator, model_validator

from ohx_pipelines.setting_types import ExactUrl, HttpUrl, Section
from ohx_pipelines.written_types import OPTIONAL_TYPES, WRITTEN_TYPES

AuthKind = Literal[
    "none",
    "bearer",
    "basic",
    "client_credentials_basic",
    "client_credentials_body",
    "smart_backend",
]
AUTH_KINDS: tuple[AuthKind, ...] = get_args(AuthKind)
WriteMode = Literal["put-id", "conditional-update", "conditional-create", "blind"]
WRITE_MODES: tuple[WriteMode, ...] = get_args(WriteMode)
# The word for leaving out no type.
NOTHING = "none"
# Created, read, updated and searched; `ohx ehr erase` alone deletes, and needs `d` besides.
SCOPE = " ".join([*(f"system/{one}.crus" for one in WRITTEN_TYPES), "system/Patient.rs"])
_NEEDED: dict[AuthKind, tuple[str, ...]] = {
    "bearer": ("token",),
    "basic": ("username", "password"),
    "client_credentials_basic": ("client_id", "client_secret"),
    "client_credentials_body": ("client_id", "client_secret"),
    "smart_backend": ("client_id",),
}


class EhrSettings(Section):
    """The default EHR connection, created or updated at start."""

    name: str = Field("default", description="Name of the default EHR connection.")
    url: HttpUrl = Field(description="Base address of the EHR's FHIR R5 endpoint.")
    auth: AuthKind = Field(
        "none",
        description="How requests to the EHR are signed in: none, bearer, basic, "
        "client_credentials_basic, client_credentials_body or smart_backend.",
    )
    token: SecretStr | None = Field(None, description="Bearer token of the EHR (auth=bearer).")
    username: str | None = Field(None, description="User name at the EHR (auth=basic).")
    password: SecretStr | None = Field(None, description="Password at the EHR (auth=basic).")
    client_id: str | None = Field(
        None,
        description="Client id at the EHR's token endpoint (auth=client_credentials_*, smart_backend).",
    )
    client_secret: SecretStr | None = Field(
        None, description="Client secret there (auth=client_credentials_*)."
    )
    token_url: ExactUrl | None = Field(
        None,
        description="That token endpoint; when unset, the EHR's .well-known/smart-configuration "
        "names it.",
    )
    scope: str = Field(SCOPE, description="Scope asked for there.")
    private_key_file: Path | None = Field(
        None,
        description="File with the key that signs (auth=smart_backend), PEM or JWK; when unset, "
        "`ohx ehr keys` makes one.",
    )
    write_mode: WriteMode | None = Field(
        None,
        description="How resources are written: put-id, conditional-update, conditional-create or "
        "blind; when unset, what `ohx ehr mode` chose (put-id before it).",
    )
    leave_out: str | None = Field(
        None,
        description="Resource types that this EHR is not given, with commas: any of "
        f"{', '.join(OPTIONAL_TYPES)}, or none; when unset, what `ohx ehr leave-out` chose.",
    )
    timeout_seconds: float = Field(30.0, gt=0, description="Time-out of one EHR request, seconds.")

    @field_validator("leave_out")
    @classmethod
    def _known_types(cls, value: str | None) -> str | None:
        if value is not None:
            left_out_types(value)
        return value

    @model_validator(mode="after")
    def _complete(self) -> EhrSettings:
        needed = _NEEDED.get(self.auth, ())
        if any(getattr(self, name) is None for name in needed):
            message = f"auth={self.auth} needs {' and '.join(name.upper() for name in needed)}"
            raise ValueError(message)
        return self

    @property
    def credential(self) -> SecretStr | None:
        """The one secret that this kind of auth sends."""
        if self.auth == "bearer":
            return self.token
        if self.auth == "basic":
            return self.password
        return self.client_secret if self.auth.startswith("client_credentials") else None

    @property
    def left_out(self) -> tuple[str, ...] | None:
        """The types of `leave_out`, None where it is unset."""
        return None if self.leave_out is None else left_out_types(self.leave_out)


def left_out_types(text: str) -> tuple[str, ...]:
    """Read `DeviceAssociation,Consent`, or `none`; raises ValueError for another type."""
    named = {one.strip() for one in text.split(",")} - {"", NOTHING}
    if not named <= set(OPTIONAL_TYPES):
        message = f"takes {', '.join(OPTIONAL_TYPES)} with commas between them, or {NOTHING}"
        raise ValueError(message)
    return tuple(one for one in OPTIONAL_TYPES if one in named)
