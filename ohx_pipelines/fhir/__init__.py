"""FHIR R5: the mapping table, resource builders, the client, and what is written to an EHR.

Belongs here: codes, shapes, ids, reconcile. Not here: vendors, Dagster, storage; none of them is
imported.
"""
