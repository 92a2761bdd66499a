"""The CapabilityStatement: what this server says that it can do.

Belongs here: the statement, made of the tables that the server works by. Not here: doing it.
"""

from __future__ import annotations

from sandbox.ehr.profiles import PROFILES
from sandbox.ehr.schema import RESOURCE_TYPES
from sandbox.ehr.search import parameters_of
from sandbox.ehr.wire import Json

SOFTWARE = "Sandbox EHR (stand-in, in memory: no real patient, nothing is kept)"
_PUBLISHED = "2026-01-01"


def capability_statement(base: str) -> Json:
    """Give the statement for a server at `base`."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _PUBLISHED,
        "kind": "instance",
        "software": {"name": SOFTWARE},
        "implementation": {"description": SOFTWARE, "url": base},
        "fhirVersion": "5.0.0",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "resource": [_resource(name) for name in RESOURCE_TYPES],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
            }
        ],
    }


def _resource(name: str) -> Json:
    codes = ("read", "vread", "update", "delete", "create", "search-type")
    profiles = [f"http://hl7.org/fhir/StructureDefinition/{one}" for one in PROFILES]
    resource = {
        "type": name,
        "interaction": [{"code": code} for code in codes],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalUpdate": True,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "local", "enforced"],
        "searchParam": [
            {"name": one.name, "type": _search_type(one.kind)}
            for one in parameters_of(name).values()
        ],
    }
    return resource | ({"supportedProfile": profiles} if name == "Observation" else {})


def _search_type(kind: str) -> str:
    return "reference" if kind == "Patient" else kind
