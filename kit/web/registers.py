"""What a register is: its table, what is entered, and what answers show (endpoints: `kit.web.register_endpoints`).

    EXPERTS = Register("experts", "应急专家", Expert, ExpertIn, filters=("specialty", "department", "available"))

A register is declared; its table stays in sight. What answers show is derived from what is entered, with the
register's number and times, and any further field of `shown`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, cast
from uuid import UUID

from fastapi import Path
from pydantic import Field, create_model
from pydantic.fields import FieldInfo
from sqlalchemy import ColumnElement, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from kit.context import Context
from kit.district.citations import cite
from kit.district.clock import LocalTime
from kit.district.names import name_key
from kit.events.event import Event
from kit.personal.phones import Reachable
from kit.storage import db
from kit.storage.named import Named
from kit.web.caller import Role
from kit.web.ownership import DISTRICTS, Belonging
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid
from kit.web.routes import clauses
from kit.web.shapes import Body, Grounded, shown

Change = Literal["entered", "changed", "removed"]
EntryId = Annotated[UUID, Path(description="登记编号")]


class Entry(db.Identified, db.Versioned):
    """A row of a register. `clauses`: what the documents say of it."""

    clauses: ClassVar[tuple[str, ...]] = ()
    #: Whether the row belongs to an exercise, so that its events must say so.
    exercise = False

    entered_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class EntryOut(Grounded, title="登记信息"):
    """What every entry shows besides its own fields (登记信息)."""

    id: UUID = Field(description="登记编号")
    entered_at: LocalTime = Field(description="登记时间")
    changed_at: LocalTime = Field(description="最近修改时间")


class RegisterChanged(Event):
    """An entry of a register was entered, changed or removed; each service has a type of its own."""

    kind: str = Field(description="登记的种类，即其地址中的名称")
    entry: UUID = Field(description="登记编号")
    change: Change = Field(description="entered 登记，changed 修改，removed 删除")


#: Refuses what the fields alone do not show: `check(context, body, row)`, row None on entering.
Check = Callable[[Context, Any, Any], Awaitable[None]]
Removable = Callable[[Context, Any], Awaitable[None]]


async def _nothing(*_: Any) -> None:
    """Refuses nothing."""


@dataclass(frozen=True)
class Register:
    """A register: its path and Chinese noun, its table, and what is entered.

    about: a Chinese sentence for the document; shown: the base of what answers show, where they show more than
    is entered; filters: columns that a list can be narrowed by; search: the column that `q` looks into, None where
    there is none; lacking: what there should be none of, in Chinese, and the condition of such entries; check,
    removable: what refuses a write, `removable` None where entries stay for ever; told: the event of a change, where
    it is not the common one; belongs: whose the entries are, the district's if it says nothing; listed: which
    entries lists show, where not all; overlap: the Chinese sentence of a period that the table's exclusion refuses;
    writers: of whom one has to write, besides the scope that every writing asks for.
    """

    path: str
    noun: str
    model: type[Any]
    entry: type[Body]
    about: str = ""
    shown: type[EntryOut] = EntryOut
    filters: tuple[str, ...] = ()
    search: str | None = "name"
    lacking: tuple[str, ColumnElement[bool]] | None = None
    check: Check = _nothing
    removable: Removable | None = _nothing
    told: Callable[[Any, Change], Event] | None = None
    belongs: Belonging = DISTRICTS
    listed: ColumnElement[bool] | None = None
    overlap: str = ""
    writers: tuple[Role, ...] = ()

    def __post_init__(self) -> None:
        """Raises: AttributeError where lists would be searched in a column that there is not."""
        if self.search is not None:
            getattr(self.model, self.search)

    @cached_property
    def out(self) -> type[EntryOut]:
        """What answers show: the fields of `shown`, and of what is entered those that it does not name."""
        own: dict[str, Any] = {
            name: (shown(typed(field)), Field(description=field.description))
            for name, field in self.entry.model_fields.items()
            if name not in self.shown.model_fields
        }
        name = self.entry.__name__.removesuffix("In") + "Out"
        keywords = {"title": f"{self.noun}信息", "clauses": self.model.clauses}
        return cast(type[EntryOut], create_model(name, __base__=self.shown, __cls_kwargs__=keywords, **own))

    @cached_property
    def columns(self) -> list[ColumnElement[Any]] | None:
        """What a list shows, as columns; None where an answer shows more than its row's own."""
        own = {column.name: column for column in self.model.__table__.columns}
        if issubclass(self.model, Reachable):
            own["phone"] = own["phone_masked"].label("phone")
        shown = self.out.model_fields.keys() - {"basis"}
        return [own[name] for name in sorted(shown)] if shown <= own.keys() else None

    @cached_property
    def page(self) -> Any:
        """The response model of a list of entries."""
        return Page[self.out]  # type: ignore[name-defined]

    @cached_property
    def derived(self) -> list[str]:
        """The attributes that are no columns of the row: lists of other rows, and what the database computes."""
        columns = [each.key for each in self.model.__table__.columns if each.computed is None]
        return [each.key for each in inspect(self.model).attrs if each.key not in columns]

    def containing(self, q: str) -> ColumnElement[bool]:
        """The entries in whose name this stands, however either is typed."""
        if issubclass(self.model, Named) and self.search == "name":
            return self.model.name_key.contains(name_key(q), autoescape=True)
        return cast(ColumnElement[bool], getattr(self.model, str(self.search)).contains(q, autoescape=True))

    @property
    def missing(self) -> str:
        """The sentence of an id that no entry has."""
        return f"没有这条{self.noun}，请核对编号。"

    @property
    def slug(self) -> str:
        """The path as a part of names in code."""
        return self.path.replace("-", "_")

    @property
    def clauses(self) -> dict[str, Any]:
        """`openapi_extra` of its operations."""
        return clauses(*self.model.clauses)


def typed(field: FieldInfo) -> Any:
    """The annotation of a field, with its bounds."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


async def page_of(context: Context, paging: PageRequest, query: Any, register: Register) -> Page[Any]:
    """A page of a register's entries, in the order they were made."""
    order = register.model.id
    if register.columns is None:
        return await paging.page(context.session, query, register.out.of, order)
    rows, following = await paging.fetch(context.session, query.with_only_columns(*register.columns), order)
    basis = cite(*register.model.clauses)
    names = ("basis", *(column.key for column in register.columns))
    items = [dict(zip(names, (basis, *row), strict=True)) for row in rows]
    page: Page[Any] = register.page.model_validate({"items": items, "next": following})
    return page


async def must_hold(context: Context, register: Register, id: UUID) -> None:
    """Refuse a caller whose token is limited to others than the entry belongs to.

    Raises: NotFound, as if it did not exist.
    """
    await context.must_hold(register.belongs, register.model.id == id, register.missing)


async def must_exist(
    session: AsyncSession, model: type[Any], id: UUID | None, pointer: str, noun: str
) -> None:
    """Refuse an entry that names another one which is not there, or is another by now.

    Raises: Invalid pointing at the field; Conflict naming the other.
    """
    if id is None:
        return
    row = await session.get(model, id)
    if row is None:
        raise Invalid(
            "unknown-reference",
            f"没有这个{noun}，请先登记，或核对编号。",
            errors=[FieldError(pointer=pointer, reason=f"没有编号为 {id} 的{noun}")],
        )
    db.refuse_replaced(row)
