"""What every capability of the property service begins with: its tables' base, and who reads and writes."""

from typing import Annotated

from sqlalchemy.orm import DeclarativeBase

from kit.context import Context
from kit.storage import db
from kit.web.access import requires

Reader = Annotated[Context, requires("property:read")]
Writer = Annotated[Context, requires("property:write")]


class Base(DeclarativeBase):
    metadata = db.metadata()
    type_annotation_map = db.TYPES
