"""A strict FHIR R5 server and its validator from HAPI FHIR, built by Maven, run as processes.

Belongs here: how they are built and started, and the few Java classes that assemble them. Not here:
what is tested with them (`tests/conformance/`).
"""
