"""Official FHIR R5 definitions, reduced to what the checks before sending need.

Belongs here: data as HL7 publishes it and the script that reduces it. Not here: what the checks
make of it (`ohx_pipelines.fhir.checks`).
"""
