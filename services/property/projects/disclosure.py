"""Disclosure boards (信息公示栏) of projects: what each shows, how old it is, and what it lacks (P-2.3.1).

Names and telephone numbers on a board are public by nature; here they are kept as everywhere, masked in the text and
the original sealed, since nobody needs them from here who stands before the board.
"""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field
from sqlalchemy import Date, ForeignKey, Index, Interval, Select, cast, func, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.district.clock import Day
from kit.duties.owing import Owed
from kit.storage import db
from kit.web import routes
from kit.web.problems import problems
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register, must_hold
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Grounded, Text, choices
from services.property.base import Base, Reader
from services.property.entered import checked, one_of
from services.property.plan.disclosure import YEARS, BoardItem, board
from services.property.plan.duties import DUTIES
from services.property.projects.api import PROJECTS, Project
from services.property.projects.running import lacking, of_project


class Disclosure(Base, Entry):
    """An item of a board as it was published on a day (公示内容); the newest is what the board shows."""

    __tablename__ = "disclosures"
    __table_args__ = (
        one_of("item", BoardItem),
        Index(
            "uq_disclosures_project_id_item_published_on", "project_id", "item", "published_on", unique=True
        ),
    )
    clauses = ("P-2.3.1",)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    item: Mapped[str]
    content: Mapped[str]
    published_on: Mapped[date]


class DisclosureIn(
    Body,
    title="公示内容",
    example={
        "project_id": "01990000-0000-7000-8000-000000000000",
        "item": "fees",
        "content": "住宅物业费每平方米每月 1.20 元",
        "published_on": "2024-06-20",
    },
):
    """An item of a board as entered (公示内容)."""

    project_id: UUID = Field(description="物业服务项目编号")
    item: BoardItem = Field(description=f"公示事项：{choices(BoardItem)}")
    content: Text = Field(description="公示的内容；电话只显示部分数字，原文加密保存")
    published_on: Day = Field(description="公示或更新的日期")


class BoardItemOut(Answer, title="公示事项的情况"):
    """How an item of a board stands (公示事项)."""

    item: BoardItem = Field(description=f"公示事项：{choices(BoardItem)}")
    title: str = Field(description="事项名称", examples=["物业服务投诉电话"])
    published_on: date | None = Field(description="最近公示或更新的日期；没有公示过的为空")
    age: int | None = Field(description="距最近公示的天数；没有公示过的为空", examples=[42])
    current: bool = Field(description=f"是否有效：已公示且不超过 {YEARS} 年未更新（期限由本系统约定）")


class BoardOut(Grounded, title="信息公示栏", clauses=("P-2.3.1",)):
    """A project's board on a day (信息公示栏)."""

    project_id: UUID = Field(description="物业服务项目编号")
    on: date = Field(description="截至日期")
    complete: bool = Field(description="全部事项都有效")
    items: list[BoardItemOut] = Field(description="各公示事项")


DISCLOSURES = Register(
    "disclosures",
    "公示内容",
    Disclosure,
    DisclosureIn,
    about="项目信息公示栏公示或更新的一项内容。",
    filters=("project_id", "item"),
    search="content",
    check=checked("published_on"),
    belongs=of_project(Disclosure.project_id),
)

router = routes.router("信息公示")
add_register(router, "property", DISCLOSURES)


@router.get(
    "/projects/{id}/board",
    summary="查看项目的信息公示栏",
    description="各公示事项最近何时公示、已有多少天、是否齐全；可查过去任一天。",
    responses=problems(404),
    openapi_extra=clauses("P-2.3.1"),
)
async def read_board(
    id: Annotated[UUID, Path(description="物业服务项目编号")],
    context: Reader,
    on: Annotated[Day | None, Query(description="截至哪一天，不填为今天")] = None,
) -> BoardOut:
    """Completeness and age of a board (P-2.3.1)."""
    await db.found(context.session, Project, id, PROJECTS.missing)
    await must_hold(context, PROJECTS, id)
    day = on or context.today
    newest = select(Disclosure.item, func.max(Disclosure.published_on)).where(
        Disclosure.project_id == id, Disclosure.published_on <= day
    )
    published = dict((await context.session.execute(newest.group_by(Disclosure.item))).all())
    items = [BoardItemOut.of(each, title=each.item.zh) for each in board(published, day)]
    return BoardOut.of(project_id=id, on=day, complete=all(each.current for each in items), items=items)


def _gaps(day: date) -> Select[Any]:
    """Projects whose board lacks something on a day, or shows it out of date, and since when (P-2.3.1)."""
    stays = cast(literal(f"{YEARS} years"), Interval)
    last = cast(Disclosure.published_on + stays, Date)
    shown = select(literal(1)).where(
        Disclosure.project_id == Project.id, Disclosure.published_on <= day, last >= day
    )
    ended = select(func.max(last)).where(Disclosure.project_id == Project.id, last < day)
    return lacking(
        day,
        BoardItem,
        lambda item: (shown.where(Disclosure.item == item), ended.where(Disclosure.item == item)),
    )


OWED = (Owed(DUTIES["disclosure-board"], _gaps),)
