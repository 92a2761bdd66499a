"""Trying an EHR out before real readings go there: what it claims, what a canary shows.

Belongs here: the check. Not here: the command (`cli/ehr_check.py`) or what is stored of it.
"""
