"""The FHIR resource types that are written to an EHR, and those that one can be spared.

Belongs here: their names. Not here: what is in them (`fhir/`), which EHR is spared which (`links/`).
"""

from __future__ import annotations

# What an EHR can be spared: it may lack them, or grant no right to write them.
OPTIONAL_TYPES = ("DeviceDefinition", "DeviceAssociation", "Provenance", "Consent")
WRITTEN_TYPES = ("Observation", "Device", *OPTIONAL_TYPES)
