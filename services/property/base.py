"""What every capability of the property service begins with: its tables' base, and who reads and writes."""

from typing import Annotated

from sqlalchemy.orm import DeclarativeBase

from kit.context import Context
from kit.storage import db
from kit.web.access import requires
from kit.web.ownership import Whose

Reader = Annotated[Context, requires("property:read", whose=Whose.PLACES)]
Writer = Annotated[Context, requires("property:write", whose=Whose.PLACES)]
#: Of figures and lists of the whole district, which its streets compare.
DistrictReader = Annotated[Context, requires("property:read", whose=Whose.DISTRICTS)]
#: Of what is no secret to whoever may read here.
Anybody = Annotated[Context, requires("property:read", whose=Whose.EVERYBODYS)]


class Base(DeclarativeBase):
    metadata = db.metadata()
    type_annotation_map = db.TYPES
