"""The stand-in for Withings' public cloud: consent page, tokens, measures, devices.

Belongs here: what the vendor's documents say its cloud does. Not here: what the product makes of it.
"""
