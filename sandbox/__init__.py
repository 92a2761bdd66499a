"""The outside world, offline: stand-ins for Withings, an EHR and an identity provider.

Belongs here: what others run and this product talks to over HTTP, and the reader that judges it.
Not here: anything of the product; nothing of it may be imported.
"""
