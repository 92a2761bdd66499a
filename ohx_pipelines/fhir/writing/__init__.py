"""Writing to an EHR until each resource has an answer that ends it.

Belongs here: modes, Bundles, what is there, what came of it. Not here: what is different
(`reconcile.py`) or who calls (`publish.py`).
"""
