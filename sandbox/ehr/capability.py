"""The CapabilityStatement: what this server says that it can do.

Belongs here: the statement, made of the tables that the server works by. Not here: doing it.
"""

from __future__ import annotations

from sandbox.ehr.profiles import PROFILES
from sandbox.ehr.schema import RESOURCE_TYPES
from sandbox.ehr.search import parameters_of, reference_parameters
from sandbox.ehr.settings import Settings
from sandbox.ehr.wire import Json

SOFTWARE = "Sandbox EHR (stand-in, in memory: no real patient, nothing is kept)"
_PUBLISHED = "2026-01-01"


_SMART = {
    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
    "code": "SMART-on-FHIR",
}


def capability_statement(base: str, settings: Settings) -> Json:
    """Give the statement for a server at `base`: the truth, unless it is set to promise more."""
    promised = Settings() if settings.overclaims else settings
    rest: Json = {
        "mode": "server",
        "resource": [_resource(name, promised) for name in RESOURCE_TYPES],
        "interaction": [{"code": "transaction"}, {"code": "batch"}],
    }
    if settings.token_required:
        rest["security"] = {"service": [{"coding": [_SMART]}]}
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _PUBLISHED,
        "kind": "instance",
        "software": {"name": SOFTWARE},
        "implementation": {"description": SOFTWARE, "url": base},
        "fhirVersion": "5.0.0",
        "format": ["application/fhir+json", "json"],
        "rest": [rest],
    }


def _resource(name: str, promised: Settings) -> Json:
    codes = ["read", "vread", "update", "history-instance", "create", "search-type"]
    codes += ["delete"] if promised.deletes else []
    profiles = [f"http://hl7.org/fhir/StructureDefinition/{one}" for one in PROFILES]
    resource = {
        "type": name,
        "interaction": [{"code": code} for code in codes],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": promised.client_ids,
        "conditionalCreate": not promised.ignore_if_none_exist,
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "local", "enforced"],
        "searchParam": [
            {"name": one.name, "type": _search_type(one.kind)}
            for one in parameters_of(name).values()
        ],
    }
    resource |= _includes(name)
    return resource | ({"supportedProfile": profiles} if name == "Observation" else {})


def _includes(name: str) -> Json:
    named = {
        "searchInclude": [f"{name}:{one}" for one in reference_parameters(name)],
        "searchRevInclude": [
            f"{other}:{one}" for other in RESOURCE_TYPES for one in reference_parameters(other)
        ],
    }
    return {kind: names for kind, names in named.items() if names}


def _search_type(kind: str) -> str:
    return "reference" if kind == "Patient" else kind
