"""Signing in at an EHR's authorization server: its endpoint, tokens, our keys.

Belongs here: OAuth and SMART Backend Services. Not here: choosing a way (`auth.py`) or storing keys
(`links/`).
"""
