"""What resources are built of: takings, values, times, series, and what is left out.

Belongs here: the shapes of R5. Not here: putting a resource together (`observations.py`) or codes
(`mapping.yaml`).
"""
