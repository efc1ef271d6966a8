"""Calendars to subscribe to: one that everybody reads, and a member's own (N-2.2)."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Request, Response
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import SHANGHAI
from kit.web import routes
from kit.web.access import everybody
from kit.web.published import published
from kit.web.routes import clauses
from services.lawstudy.sessions.models import Session

Public = Annotated[Context, everybody()]
CALENDAR: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/calendar": {}}, "description": "iCalendar"}
}
MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
#: The day on which the first plan was issued: of a calendar without sessions nothing is older.
_BEGAN: Final = datetime(2024, 5, 30, tzinfo=SHANGHAI)

router = routes.router("学法日历")


def answer(request: Request, sessions: list[Session], body: bytes) -> Response:
    """A calendar, or 304 where the caller has it already."""
    changed = max((session.changed_at for session in sessions), default=_BEGAN)
    return published(request, body, MEDIA_TYPE, changed)


@router.get(
    "/calendar.ics",
    summary="订阅学法日历（iCalendar）",
    description="学法的主题和时间，供手机和电脑的日历订阅。只定到月份的为整月的暂定事项，改期后仍是同一事项，取消的标明已取消。"
    "支持 ETag 和 If-Modified-Since。面向公众，不需令牌，不含个人信息。有的日历软件一天才更新一次，临时变动请另行通知。",
    response_class=Response,
    responses=CALENDAR,
    openapi_extra=clauses("N-2.2"),
)
@router.head("/calendar.ics", include_in_schema=False)
async def read_calendar(request: Request, context: Public) -> Response:
    """The topics and times of all sessions (N-2.2)."""
    from services.lawstudy.calendar import feed  # here, since its library takes its time

    rows = list(await context.session.scalars(select(Session).order_by(Session.id)))
    body = feed.to_ics(rows, "东胜区政府常务会议学法", "区人民政府常务会议学法的主题和时间")
    return answer(request, rows, body)
