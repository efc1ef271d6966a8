"""The register of executive meetings (常务会议), those of the gazette among them."""

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import Field
from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.district import reference
from kit.district.clock import Day, TimeOfDay
from kit.web import routes
from kit.web.problems import Conflict, FieldError, Invalid
from kit.web.register_endpoints import add_register
from kit.web.registers import Register
from kit.web.shapes import Body, Name
from services.lawstudy.plan.roles import OFFICE
from services.lawstudy.sessions.following import follow_meeting
from services.lawstudy.sessions.models import Meeting, Session

DATA = Path(__file__).parents[1] / "plan" / "data" / "meetings.yaml"


class MeetingIn(
    Body,
    title="常务会议",
    example={
        "year": 2024,
        "number": 9,
        "held_on": "2024-07-15",
        "begins_at": "09:00",
        "place": "区政府第一会议室",
        "agenda": ["会前学法", "研究安全生产工作"],
    },
):
    """An executive meeting (常务会议); what is not known of it stays empty."""

    year: int = Field(ge=2000, le=2100, description="年份", examples=[2024])
    number: int | None = Field(
        default=None, ge=1, le=99, description="当年第几次；不知道的不填", examples=[9]
    )
    held_on: Day | None = Field(default=None, description="日期；不知道的不填")
    begins_at: TimeOfDay | None = Field(default=None, description="开始时刻", examples=["09:00"])
    place: Name | None = Field(default=None, description="地点", examples=["区政府第一会议室"])
    agenda: list[Name] = Field(
        default_factory=list, max_length=50, description="议题，简要写明", examples=[["会前学法"]]
    )
    source: Name | None = Field(default=None, description="出处，例如大事记", examples=["大事记"])


async def _check(context: Context, body: MeetingIn, row: Meeting | None) -> None:
    """Refuse what no meeting can be; the sessions of one whose day changes follow it."""
    if body.number is None and body.held_on is None:
        raise Invalid(
            "meeting-unknown",
            "会议的次数和日期至少填写一项，不知道的一项留空。",
            errors=[FieldError(pointer="/number", reason="两项都没有填写")],
        )
    if body.held_on is not None and body.held_on.year != body.year:
        raise Invalid(
            "meeting-of-another-year",
            "会议日期应在填写的年份内。",
            errors=[FieldError(pointer="/held_on", reason=f"不在 {body.year} 年")],
        )
    if body.begins_at is not None and body.held_on is None:
        raise Invalid(
            "time-without-day",
            "有开始时刻的会议应有日期。",
            errors=[FieldError(pointer="/held_on", reason="没有填写")],
        )
    if row is not None:
        told = {"held_on": body.held_on, "begins_at": body.begins_at, "place": body.place}
        await follow_meeting(context, row, told)


async def _removable(context: Context, row: Meeting) -> None:
    if await context.session.scalar(select(exists().where(Session.meeting_id == row.id))):
        raise Conflict(
            "meeting-has-sessions",
            "这次会议上安排有学法，不能删除；请先将学法改到别的会议。",
            clauses=("L-4c",),
        )


MEETINGS = Register(
    "meetings",
    "常务会议",
    Meeting,
    MeetingIn,
    about="区人民政府常务会议：当年第几次、日期、地点和议题；不知道的留空。",
    filters=("year", "number", "held_on"),
    search=None,
    check=_check,
    removable=_removable,
    writers=(OFFICE,),
)

router = routes.router("常务会议")
add_register(router, "lawstudy", MEETINGS)


async def load_meetings(context: Context) -> None:
    """Bring in the meetings that the gazette names; what an operator entered of them stays, again changes nothing."""
    common = {
        "version": 1,
        "entered_at": context.now,
        "changed_at": context.now,
        "begins_at": None,
        "place": None,
    }
    rows = [common | {"id": _key(row)} | row for row in reference.read(DATA)]
    await context.session.execute(insert(Meeting).on_conflict_do_nothing(), rows)


def _key(row: dict[str, Any]) -> UUID:
    """The same id whenever the meeting is loaded."""
    return uuid5(NAMESPACE_OID, f"executive meeting {row['year']} {row['number']} {row['held_on']}")
