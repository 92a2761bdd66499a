"""The stand-in for a clinic's identity provider: OpenID Connect, code flow with PKCE.

Belongs here: what the OpenID Connect and OAuth documents ask of a provider. Not here: what the
product makes of it.
"""
