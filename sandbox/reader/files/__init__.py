"""What must stand in the EHR for exported files of phone apps, worked out from what they mean.

Belongs here: rules of each kind of row. Not here: what was exported (`sandbox/files/`), reading the EHR
and comparing (`sandbox/reader/`); nothing of the product either.
"""
