"""What every capability of the credit service begins with: its tables' base, and who reads and writes."""

from typing import Annotated

from sqlalchemy.orm import DeclarativeBase

from kit.context import Context
from kit.storage import db
from kit.web.access import requires
from kit.web.ownership import Whose

Reader = Annotated[Context, requires("credit:read", whose=Whose.PLACES)]
Writer = Annotated[Context, requires("credit:write", whose=Whose.PLACES)]
#: Of whoever enters what companies did, wherever they are.
Recorder = Annotated[Context, requires("credit:write", whose=Whose.EVERYBODYS)]
#: Of what is no secret to whoever may read here.
Anybody = Annotated[Context, requires("credit:read", whose=Whose.EVERYBODYS)]


class Base(DeclarativeBase):
    metadata = db.metadata()
    type_annotation_map = db.TYPES
