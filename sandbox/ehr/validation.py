"""Everything that a resource must satisfy before the EHR stores it, in one call.

Belongs here: the order of the checks. Not here: the checks themselves.
"""

from __future__ import annotations

from typing import Any

from sandbox.ehr.outcomes import Issue, Refused, refuse
from sandbox.ehr.profiles import profile_issues
from sandbox.ehr.rules import rule_issues
from sandbox.ehr.schema import structure_issues
from sandbox.ehr.wire import Json


def validate(resource: Any, resource_type: str) -> Json:
    """Give the resource back when it is valid; raises Refused (400 wrong type, 422 invalid)."""
    if not isinstance(resource, dict):
        raise refuse(400, "structure", "a resource is a JSON object")
    if resource.get("resourceType") != resource_type:
        place = f"{resource_type}.resourceType"
        raise refuse(400, "structure", "resourceType does not match the address", place)
    issues: list[Issue] = structure_issues(resource, resource_type)
    # Rules read elements by name: they need the structure to be right.
    if not issues:
        issues = [*rule_issues(resource), *profile_issues(resource)]
    if issues:
        raise Refused(422, issues)
    return resource
