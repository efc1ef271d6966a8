"""The roles that people have: bundles of scopes, as data, each with whom it is limited to."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from kit.district import reference

_DATA = Path(__file__).parents[1] / "data" / "roles.yaml"


class Limit(StrEnum):
    """Whom a person of a role belongs to, which is said when the role is granted."""

    NONE = "none"
    UNIT = "unit"
    STREET = "street"
    COMPANY = "company"


class Duty(StrEnum):
    """The three offices over the console itself, of which nobody has two."""

    ADMINISTRATOR = "administrator"
    SECURITY = "security"
    AUDITOR = "auditor"


class Role(BaseModel):
    """A role. name: Chinese; unit: the id of the unit that all of them are of; duty: over the console itself;
    overlooks: whether what is everybody's is theirs to see to, and not their own unit's alone; wall: a screen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    about: str
    scopes: tuple[Annotated[str, Field(pattern=r"^[a-z0-9]+:[a-z-]+$")], ...] = ()
    limit: Limit = Limit.NONE
    unit: str | None = None
    duty: Duty | None = None
    overlooks: bool = False
    wall: bool = False


@cache
def all_roles() -> dict[str, Role]:
    """Every role by its id, in the order in which they are offered."""
    return TypeAdapter(dict[str, Role]).validate_python(reference.read(_DATA)["roles"])


def role_of(id: str | None) -> Role | None:
    """The role of an id; None for none, and for one that this release no longer has."""
    return all_roles().get(id) if id else None
