"""Tables whose rows have a name that is their key: as it was typed, in its normal form, and what it is likely to be."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column, validates

from kit.district.names import likeness, name_key


class Named:
    """A table of things with a name (`kit.district.names`).

    name: as it was typed, for showing. name_key: its normal form, of which a unique key is made; null where the
    row has given its name up. name_like: what names share that are likely one.
    """

    name: Mapped[str]
    name_key: Mapped[str | None] = mapped_column(default=lambda row: name_key(_name_of(row)))
    name_like: Mapped[str] = mapped_column(index=True, default=lambda row: likeness(_name_of(row)))

    @validates("name")
    def _spelled(self, _column: str, name: str) -> str:
        self.name_key, self.name_like = name_key(name), likeness(name)
        return name


def _name_of(row: Any) -> str:
    name: str = row.get_current_parameters()["name"]
    return name


def spelled(name: str) -> dict[str, Any]:
    """The columns of a name, for statements that change rows or need the key."""
    return {"name": name, "name_key": name_key(name), "name_like": likeness(name)}
