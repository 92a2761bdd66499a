"""What must stand in the EHR for a Google Health account, worked out from the vendor's points alone.

Belongs here: rules of each kind of listing. Not here: reading the EHR and comparing
(`sandbox/reader/`); nothing of the product either.
"""
