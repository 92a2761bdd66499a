"""The link page: patients sign in and connect the accounts of their home devices.

Belongs here: a small Flask application and what it shows. Not here: storage (`ohx_pipelines.links`),
vendors (`ohx_pipelines.providers`), or anything of the orchestrator.
"""
