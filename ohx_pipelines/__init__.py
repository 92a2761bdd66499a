"""Open Health Exchange pipelines: home-device readings from vendor clouds to a FHIR R5 EHR.

Belongs here: nothing but the version. Every room below has its own docstring.
"""

__version__ = "0.1.0"
