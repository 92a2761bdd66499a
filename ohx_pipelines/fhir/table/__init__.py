"""The mapping table's parts: rows, rules, a site's overlay, units, and the codes of our own.

Belongs here: what a table may say. Not here: the table itself (`mapping.yaml`) or loading it
(`mapping.py`).
"""
