"""What of the texts that come in is not masked, since whoever takes it in keeps it otherwise: said in its annotation."""

from dataclasses import fields
from enum import Enum
from functools import cache
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import BaseModel, Field


class Kept(Enum):
    """A mark in the annotation of a text.

    NAME: of a person, sealed, and masked in the texts beside it; PHONE: sealed; KEY: of another system, by which
    it finds its own again; PUBLIC: a number that is published to everybody, and is no person's.
    """

    NAME = "name"
    PHONE = "phone"
    KEY = "key"
    PUBLIC = "public"


#: A person's name as it is entered.
PersonName = Annotated[str, Field(max_length=50), Kept.NAME]


def marks_of(value: Any) -> dict[str, Kept | None]:
    """The fields of a shape or a dataclass, each with its mark if it has one."""
    return _marks_of_kind(value.__class__)


@cache
def _marks_of_kind(kind: Any) -> dict[str, Kept | None]:
    hints = get_type_hints(kind, include_extras=True)
    names = kind.model_fields if issubclass(kind, BaseModel) else [each.name for each in fields(kind)]
    return {name: next(iter(_marks(hints[name])), None) for name in names}


def _marks(annotation: Any) -> set[Kept]:
    found: set[Kept] = {each for each in get_args(annotation) if isinstance(each, Kept)}
    return found.union(*(_marks(part) for part in get_args(annotation)))
