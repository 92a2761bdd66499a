"""A stand-in for Google Health's cloud: accounts, data points, consent, and the trouble it makes.

Belongs here: what the vendor knows and answers. Not here: anything of the product.
"""
