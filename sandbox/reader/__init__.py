"""The independent reader: whether an EHR holds what the vendor lists, and nothing else.

Belongs here: what must stand there, what does, and every way in which they differ. Not here: the
stand-ins themselves; nothing of the product either.
"""
