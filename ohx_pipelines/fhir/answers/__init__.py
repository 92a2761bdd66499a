"""What an EHR's answers mean: how they are read, and what is done about each.

Belongs here: statuses, issues, pages, pauses. Not here: asking (`client.py`) or writing
(`writing/`).
"""
