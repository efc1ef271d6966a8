"""Tables whose rows have a name that is their key: as it was typed, in its normal form, and what it is likely to be."""

from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, Index, cast, func, literal_column, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Mapped, mapped_column, validates

from kit.district.names import likeness, name_key
from kit.district.search_words import LONGEST, found_by


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


class Findable(Named):
    """A table of things that are found by any part of their name, and by how it is read (`kit.district.search_words`).

    found_by: where looking for it may begin. Its first is the normal form, so that no statement changes a name alone
    (`findable`).
    """

    found_by: Mapped[list[str]] = mapped_column(default=lambda row: found_by(_name_of(row)), deferred=True)

    @validates("name")
    def _spelled(self, _column: str, name: str) -> str:
        self.name_key, self.name_like, self.found_by = name_key(name), likeness(name), found_by(name)
        return name


def findable(table: str, key: str = "name_key") -> tuple[Index, CheckConstraint]:
    """What a table of findable things has in its arguments: the index, and the tie of `found_by` to the name's key."""
    words = text("array_to_tsvector(found_by)")
    return (
        Index(f"ix_{table}_found_by", words, postgresql_using="gin"),
        CheckConstraint(f"found_by[1] = left({key}, {LONGEST})", name="found_by"),
    )


def is_found(column: Any, sought: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a thing is found by what somebody typed (`kit.district.search_words.sought`), by the index."""
    word = cast(literal_column("''''") + sought + literal_column("''':*'"), TSQUERY)
    found: ColumnElement[bool] = func.array_to_tsvector(column).bool_op("@@")(word)
    return found


def _name_of(row: Any) -> str:
    name: str = row.get_current_parameters()["name"]
    return name


def spelled(name: str) -> dict[str, Any]:
    """The columns of a name, for statements that change rows or need the key; `found_by` besides, where a table has it."""
    return {"name": name, "name_key": name_key(name), "name_like": likeness(name)}
