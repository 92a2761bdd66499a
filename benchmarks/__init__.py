"""Figures that the project states about its own speed, each printed by a module of its own.

Belongs here: measuring what users wait for. Not here: tests, which judge what is right.
"""
