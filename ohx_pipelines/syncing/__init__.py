"""A window of one link on its way: what is worked with, published, retracted, and told of each day.

Belongs here: the steps behind `sync.py`. Not here: their order over windows and links (`sync.py`,
`link_sync.py`), vendors, FHIR or storage.
"""
