"""What stands around the readings: devices, whose they are, consent, and why something was written.

Belongs here: a builder per resource type. Not here: readings (`observations.py`), or when these are
written and whether they differ from what the EHR holds (`publish.py`).
"""
