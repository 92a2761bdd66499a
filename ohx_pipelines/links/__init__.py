"""The link store: what this deployment knows of links, and nothing of readings.

Belongs here: EHR connections, patients, links, the token vault, the ledger, migrations. Not here:
FHIR, Dagster, or what a vendor is like.
"""
