"""The EHR stand-in: a strict FHIR R5 server in memory, for demonstrations and tests.

Belongs here: what a clinic's server would check, store and answer. Not here: anything of the
product, and how to judge what arrived (`sandbox/reader/`).
"""
