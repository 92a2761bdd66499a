"""What must stand in the EHR for an OMRON account, worked out from the vendor's rows alone.

Belongs here: rules of each list. Not here: reading the EHR and comparing (`sandbox/reader/`), files of
the OMRON connect app (`sandbox/reader/files/`); nothing of the product either.
"""
