"""Export files of phone apps that have no cloud for others: Beurer's and OMRON connect's.

Belongs here: what people measured, and the text each app would write about it. Not here: reading a
file; what a file means is kept beside it as truth rows and never taken from its text.
"""
