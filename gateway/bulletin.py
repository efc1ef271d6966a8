"""The bulletin of all services as one: each counts its own, the gateway adds up and ranks anew (P-2.2.2b)."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from gateway.headers import own_question
from gateway.services import Reply, Services
from kit.context import Context
from kit.dispatch import bulletin
from kit.dispatch.bulletin import Group, Grouping, Tally
from kit.dispatch.bulletin_api import AskedGrouping, AskedMonth, BulletinFiguresOut, KnownAt
from kit.dispatch.moves import READ
from kit.district.periods import Month
from kit.figures.canvas import USUAL
from kit.web.access import requires
from kit.web.downloads import DOCX, OR_FIGURE, OR_PRINTED, XLSX, FigureWidth, download, drawn
from kit.web.ownership import Whose

_UNGROUPED: Final = "no-such-grouping"

Reader = Annotated[Context, requires(READ, whose=Whose.PLACES)]


class AllBulletinOut(BulletinFiguresOut, title="各服务的诉求办理通报"):
    """The bulletin of a month over all services (各服务的诉求办理通报)."""

    services: list[str] = Field(description="计入的服务", examples=[["property", "office"]])
    without: list[str] = Field(
        description="诉求不能按所选方式分组、因此不计在内的服务", examples=[["office"]]
    )
    unavailable: list[str] = Field(description="没有应答的服务，不计在内", examples=[["lawstudy"]])
    incomplete: bool = Field(description="有服务没有应答，通报不完整")


def add(own: APIRouter, asking: Callable[[Request], tuple[Services, float]]) -> None:
    """The endpoint of the bulletin. asking: the services, and the seconds that one may take."""

    @own.get(
        "/bulletin",
        summary="统计各服务某月的诉求办理通报",
        description="各服务的分子、分母相加后计算比率、变化和名次。没有应答的服务列在 unavailable 中，通报即不完整；"
        "按企业统计时，诉求不涉及企业的服务列在 without 中。format=xlsx 下载带图表的表格，docx 下载公文格式的通报；"
        "svg 为图：figure=rates 各组的比率，figure=answers 各组按期、逾期和未到期各多少件。",
        response_model=AllBulletinOut,
        responses={200: {"content": {**OR_PRINTED[200]["content"], **OR_FIGURE[200]["content"]}}},
        openapi_extra={"x-clauses": ["P-2.2.2b"]},
    )
    async def read_all_bulletin(
        request: Request,
        month: AskedMonth,
        context: Reader,
        by: AskedGrouping = Grouping.UNIT,
        known_at: KnownAt = None,
        format: Annotated[
            Literal["json", "xlsx", "docx", "svg"], Query(description="json、xlsx、docx 或 svg")
        ] = "json",
        figure: Annotated[
            Literal["rates", "answers"],
            Query(description="图的种类，只用于 format=svg：rates 各组的比率，answers 各组答复是否按期"),
        ] = "rates",
        width: FigureWidth = USUAL,
    ) -> Response:
        """The bulletin of all services."""
        services, patience = asking(request)
        asked = {"month": str(month), "by": by.value}
        asked |= {"known_at": known_at.isoformat()} if known_at else {}
        replies = await services.ask_all(
            f"/dispatch/bulletin?{urlencode(asked)}", own_question(request.scope), patience
        )
        refusal = _refusal(replies)
        if refusal is not None:
            return refusal.as_it_is()
        whole = merged(month, by, replies)
        if format == "json":
            return Response(whole.model_dump_json(), media_type="application/json")
        from kit.dispatch import bulletin_printing  # here, since its library takes its time

        about = bulletin_printing.Printed(whole, context.now, tuple(whole.unavailable), tuple(whole.without))
        if format == "svg":
            return drawn(about.rates(width) if figure == "rates" else about.answers(width))
        content, kind = (about.workbook(), XLSX) if format == "xlsx" else (about.document(), DOCX)
        return download(content, f"{about.title}.{format}", kind)


def _refusal(replies: dict[str, Reply | None]) -> Reply | None:
    """What the caller is told instead: a refusal that is its own fault, or that no service can be grouped so."""
    there = [reply for reply in replies.values() if reply is not None]
    refused = [reply for reply in there if reply.status != 200]
    for reply in refused:
        if not _is_ungrouped(reply):
            return reply
    return refused[0] if refused and len(refused) == len(there) else None


def _is_ungrouped(reply: Reply) -> bool:
    return reply.status == 422 and str(reply.json().get("type", "")).endswith(_UNGROUPED)


def merged(month: Month, by: Grouping, replies: dict[str, Reply | None]) -> AllBulletinOut:
    """The bulletins of services as one: what they counted of the same key is added up, then ranked."""
    found = {
        name: reply.json() for name, reply in replies.items() if reply is not None and reply.status == 200
    }
    groups: dict[str | None, Group] = {}
    for told in found.values():
        for each in told["groups"]:
            known = groups.get(each["key"], Group(each["key"], each["name"], {}, {}))
            now, before = _tallies(each["figures"])
            groups[each["key"]] = known._replace(
                now=bulletin.total((known.now, now)), before=bulletin.total((known.before, before))
            )
    away = [name for name, reply in replies.items() if reply is None]
    return AllBulletinOut(
        month=month,
        by=by,
        services=list(found),
        without=[name for name, reply in replies.items() if reply is not None and name not in found],
        unavailable=away,
        incomplete=bool(away),
        **bulletin.shown(month, [*groups.values()]),
    )


def _tallies(figures: list[dict[str, Any]]) -> tuple[dict[str, Tally], dict[str, Tally]]:
    now = {each["figure"]: Tally(*(each[field] for field in Tally._fields)) for each in figures}
    before = {
        each["figure"]: Tally(each["previous"]["numerator"], each["previous"]["denominator"])
        for each in figures
    }
    return now, before
