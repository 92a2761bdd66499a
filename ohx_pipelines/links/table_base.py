"""What all tables of the link store share.

Belongs here: the base class and the type of an instant. Not here: a table (`models.py`).
"""

from __future__ import annotations

from sqlalchemy import DateTime
from sqlalchemy.orm import DeclarativeBase

INSTANT = DateTime(timezone=True)


class Base(DeclarativeBase):
    """All tables."""
