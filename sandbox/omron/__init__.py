"""A stand-in for OMRON's partner API, made from public integrations: nothing of it is OMRON's own.

Belongs here: the vendor's wire and made-up readings. Not here: anything of the product.
"""
