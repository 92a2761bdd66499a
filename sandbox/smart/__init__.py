"""The stand-in for an EHR's authorization server: SMART Backend Services and client credentials.

Belongs here: registered clients, how they prove themselves, and the tokens they get. Not here: what
the EHR does with a token (`sandbox/ehr/access.py`). Sources: SMART App Launch 2.2, RFC 6749, RFC 7523.
"""
