"""Beurer: files that its apps export; the vendor has no cloud that others may ask.

Belongs here: everything that only these files have. Not here: what all apps' files share (`files/`).
"""

from ohx_pipelines.providers.beurer.files import BeurerFiles

__all__ = ["BEURER", "BeurerFiles"]

BEURER = BeurerFiles()
