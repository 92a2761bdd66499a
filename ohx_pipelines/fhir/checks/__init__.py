"""Checks of a resource against the official FHIR R5 definitions before it is sent.

Belongs here: what the specification asks. Not here: what our own mapping asks (`mapping.py`), or
what a server says (`issue_types.py`).
"""
