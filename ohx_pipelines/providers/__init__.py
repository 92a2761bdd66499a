"""One room per vendor: what its API says, and how its readings become the common vocabulary.

Belongs here: vendor knowledge. Not here: FHIR, Dagster, storage; the rooms import neither.
"""
