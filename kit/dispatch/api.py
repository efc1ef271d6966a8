"""Endpoints of the dispatch contract, the same in every service: the catalogue, taking, finding, reading."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from sqlalchemy import ColumnElement, select

from kit.context import Context
from kit.dispatch import actions, bulletin_api, counts, patterns, requests
from kit.dispatch.desk import Desk
from kit.dispatch.limits import earliest
from kit.dispatch.matters import Matter
from kit.dispatch.moves import CLAUSE, HAND_ON, READ, SEND
from kit.dispatch.placing import point_of
from kit.dispatch.record import steps_of
from kit.dispatch.requests import BELONGING, HandedOn, Sent, seen_by
from kit.dispatch.searching import holds
from kit.dispatch.shapes import (
    EXAMPLE,
    MatterOut,
    RequestIn,
    RequestOut,
    RequestStandingOut,
    RequestWithSteps,
    State,
    StepOut,
    SupervisionLevel,
    Urgency,
)
from kit.dispatch.showing import matter_shown, may_see, must_see, shown
from kit.dispatch.standing import standing_at
from kit.dispatch.tables import DispatchRequest
from kit.dispatch.words import Named, propose
from kit.district import units
from kit.district.clock import LocalTime, local_day
from kit.district.named_units import Street, UnitId
from kit.personal.cipher import UNMASK, must_unmask
from kit.personal.masking import mask_phone
from kit.personal.originals import reveal_within
from kit.personal.phones import Phone, digits
from kit.web import routes
from kit.web.access import requires
from kit.web.caller import Caller
from kit.web.etags import set_content_etag
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import FieldError, Forbidden, Invalid, NotFound, problems
from kit.web.routes import clauses

Number = Annotated[str, Path(description="诉求编号", examples=["DS-PQ-20240624-0001"], max_length=40)]
Reader = Annotated[Context, requires(READ, whose=Whose.PLACES)]

#: How long a change may be under way before others see it, which its time says nothing of: a statement of a service lasts a
#: minute at most, a wait for a lock a third of that. Whoever asks again from its last question misses none.
UNSEEN = timedelta(minutes=2)
#: Where a number is given to find its caller's requests: an address would stand in the logs of whatever passes it on.
PHONE_HEADER = "Citizen-Phone"
SoughtPhone = Annotated[
    Phone | None,
    Header(alias=PHONE_HEADER, description="来电人电话，完整的号码", examples=["13800000000"]),
]
#: Says that what was handed in had been taken before.
AGAIN_HEADER = "Already-Received"
#: The answer to what had been taken before.
AGAIN: dict[int | str, dict[str, Any]] = {
    200: {
        "model": RequestOut,
        "description": "同一来源的同一工单已受理过",
        "headers": {
            AGAIN_HEADER: {
                "description": "已受理过时为 true",
                "schema": {"type": "string"},
                "example": "true",
            }
        },
    }
}
#: What a request's answer says of its version, which changes with time too: a term that passes makes it another.
WITH_ETAG: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"$ref": "#/components/headers/ETag"}}}
}
_TAG = "12345 派单"


class Filters:
    """Which requests a list is asked for."""

    def __init__(
        self,
        state: Annotated[State | None, Query(description="状态")] = None,
        matter: Annotated[str | None, Query(description="事项编码", max_length=60)] = None,
        unit: Annotated[UnitId | None, Query(description="承办单位，名称或编号；主办和协办都算")] = None,
        division: Annotated[Street | None, Query(description="所在街道（镇），名称或编号")] = None,
        compound: Annotated[
            UUID | None, Query(description="所涉小区的编号；保密的诉求，除承办单位和 12345 外不在其中")
        ] = None,
        source: Annotated[str | None, Query(description="来源", max_length=30)] = None,
        external_number: Annotated[str | None, Query(description="来源系统的工单编号", max_length=60)] = None,
        urgency: Annotated[Urgency | None, Query(description="紧急程度")] = None,
        raised: Annotated[SupervisionLevel | None, Query(description="督办等级")] = None,
        overdue: Annotated[bool | None, Query(description="是否超时")] = None,
        updated_since: Annotated[
            LocalTime | None,
            Query(description="此时以后办理过的；往前多列两分钟，正在提交的也不会漏，接收方按编号去重即可"),
        ] = None,
        received_since: Annotated[LocalTime | None, Query(description="此时以后受理的")] = None,
        received_before: Annotated[LocalTime | None, Query(description="此时以前受理的")] = None,
        q: Annotated[
            str | None,
            Query(
                description="文字中含有的词，每个至少两个字，多个词以空格分开", min_length=2, max_length=60
            ),
        ] = None,
    ) -> None:
        self.plain = {
            "state": state,
            "matter": matter,
            "division": division,
            "source": source,
            "external_number": external_number,
            "urgency": urgency,
            "raised": raised,
        }
        self.unit, self.overdue, self.q, self.compound = unit, overdue, q, compound
        self.updated_since, self.since, self.before = updated_since, received_since, received_before

    def conditions(self, caller: Caller, now: datetime) -> list[ColumnElement[bool]]:
        """What a request has to fulfil besides its plain columns. Raises: Invalid for a word that is too short."""
        found: list[ColumnElement[bool]] = []
        if self.compound is not None:
            found += [DispatchRequest.compound == self.compound, seen_by(caller)]
        if self.unit is not None:
            found.append(requests.of_unit(self.unit))
        if self.updated_since is not None:
            found.append(DispatchRequest.updated_at >= self.updated_since - UNSEEN)
        if self.since is not None:
            found.append(DispatchRequest.received_at >= self.since)
        if self.before is not None:
            found.append(DispatchRequest.received_at < self.before)
        if self.overdue is not None:
            late = requests.overdue_at(now)
            found.append(late if self.overdue else ~late)
        if self.q is not None:
            found += [holds(self.q), DispatchRequest.secret.is_(False)]
        return found


AskedFor = Annotated[Filters, Depends()]


def make_router(
    service: str, letter: str, title: str, matters: Sequence[Matter], company: str | None = None
) -> APIRouter:
    """The service's dispatch endpoints. title: of the service, in Chinese; company: of a request, as `Service.company`."""
    router = routes.router(_TAG)
    desk = Desk.of(service, letter, matters)
    _add_catalogue(router, desk, title)
    _add_taking(router, desk)
    counts.add(router)
    bulletin_api.add(router, desk, company)
    patterns.add(router)
    _add_reading(router, desk)
    actions.add(router, desk)
    return router


def _add_catalogue(router: APIRouter, desk: Desk, title: str) -> None:
    @router.get(
        "/dispatch/matters",
        summary="列出本服务承办的诉求事项",
        description="12345 可派给本服务的事项、承办单位、办理时限及其出处，以及应询问的内容。",
        openapi_extra=clauses(CLAUSE),
    )
    async def list_matters(
        context: Annotated[Context, requires(READ, whose=Whose.EVERYBODYS)],
    ) -> list[MatterOut]:
        """The matters that the hotline may send here (P-2.2.2b)."""
        return [matter_shown(desk, title, matter, context) for matter in desk.matters.values()]


def _add_taking(router: APIRouter, desk: Desk) -> None:
    @router.post(
        "/dispatch/requests",
        status_code=201,
        summary="受理一件诉求",
        description="确定承办单位和各项时限，时限自受理起算。来源系统的同一工单编号只受理一次，再次提交时返回同一诉求（200）。"
        + _details(desk.matters.values()),
        responses=AGAIN,
        openapi_extra=clauses(CLAUSE) | _example(desk.matters),
    )
    async def take_request(
        body: RequestIn,
        context: Annotated[Context, requires(SEND, whose=Whose.PLACES)],
        response: Response,
    ) -> RequestOut:
        """Take a citizen's request (P-2.2.2b)."""
        row, known = await requests.take_once(context, desk.letter, _sent(context, body, desk.matters))
        if known:
            response.status_code = 200
            response.headers[AGAIN_HEADER] = "true"
        else:
            response.headers["Location"] = f"/{desk.service}/v1/dispatch/requests/{row.number}"
        legs = (await requests.legs_of(context.session, row))[row.id]
        return RequestOut(**shown(desk, context, row, legs))


def _add_reading(router: APIRouter, desk: Desk) -> None:
    @router.get(
        "/dispatch/requests",
        summary="查询诉求",
        description="按受理时间由新到旧分页列出。限定街道的令牌只看到本街道的诉求。"
        f"按来电人电话查找时，号码放在请求头 {PHONE_HEADER} 中，不放在地址里；需要 {UNMASK} 权限，并记入审计。",
        openapi_extra=clauses(CLAUSE),
    )
    async def list_requests(
        context: Reader, paging: PageRequest, filters: AskedFor, phone: SoughtPhone = None
    ) -> Page[RequestOut]:
        """List requests, the newest first."""
        query = context.within(narrowed(select(DispatchRequest), **filters.plain), BELONGING)
        query = query.where(*filters.conditions(context.caller, context.now))
        if phone is not None:
            must_unmask(context.caller)
            context.audit(f"{desk.service}.personal.sought", "requests", phone=mask_phone(phone))
            query = query.where(DispatchRequest.phone_hash.in_(context.cipher.lookups(digits(phone))))
        rows, following = await paging.fetch(
            context.session, query, DispatchRequest.received_at, DispatchRequest.id, descending=True
        )
        legs = await requests.legs_of(context.session, *rows)
        return Page(
            items=[RequestOut(**shown(desk, context, row, legs[row.id])) for row in rows], next=following
        )

    @router.get(
        "/dispatch/requests/{number}",
        summary="查询一件诉求",
        description="状态、时限、各单位的承办情况和办理过程。reveal=true 显示来电人完整信息，须有权限，并记入审计。",
        responses=problems(404) | WITH_ETAG,
        openapi_extra=clauses(CLAUSE),
    )
    async def read_request(
        number: Number,
        context: Reader,
        response: Response,
        reveal: Annotated[bool, Query(description="显示完整的个人信息")] = False,
    ) -> RequestWithSteps:
        """Read a request with its steps."""
        row = await requests.by_number(context, number)
        legs = (await requests.legs_of(context.session, row))[row.id]
        if reveal:
            must_unmask(context.caller)
            must_see(context.caller, row, legs)
            context.audit(f"{desk.service}.personal.seen", number)
        fields = shown(desk, context, row, legs, reveal=reveal)
        hidden = not may_see(context.caller, row, legs)
        steps = [] if hidden else [StepOut.of(step) for step in await steps_of(context.session, row)]
        merged = context.within(
            select(DispatchRequest.number).where(DispatchRequest.merged_into == number), BELONGING
        )
        more = {
            "steps": steps,
            "merged": list(await context.session.scalars(merged.order_by(DispatchRequest.number))),
            "details": {} if hidden else row.details,
            "source_fields": {} if hidden else row.source_fields,
        }
        answer = RequestWithSteps(**fields, **more)
        set_content_etag(response, answer.model_dump_json().encode())
        return await reveal_within(context, number, answer) if reveal else answer

    @router.get(
        "/dispatch/requests/{number}/standing",
        summary="查询诉求在某时的状况",
        description="由只增不改的办理过程推算任一时刻的状态、主办单位、时限和是否超时。"
        "保密的诉求只供承办单位和 12345 查看。",
        responses=problems(403, 404),
        openapi_extra=clauses(CLAUSE),
    )
    async def read_standing(
        number: Number,
        context: Reader,
        at: Annotated[
            LocalTime | None, Query(description="时刻；不填为现在", examples=["2024-06-24T10:00:00+08:00"])
        ] = None,
    ) -> RequestStandingOut:
        """How a request stood at a moment."""
        row = await requests.by_number(context, number)
        must_see(context.caller, row, (await requests.legs_of(context.session, row))[row.id])
        found = standing_at(await steps_of(context.session, row), at or context.now)
        if found is None:
            raise NotFound("not-yet-taken", f"诉求 {number} 当时尚未受理。")
        return RequestStandingOut.of(found)


def _details(matters: Iterable[Matter]) -> str:
    """What may be said in `details`, for the service's own document."""
    return "".join(dict.fromkeys(f"details 可填写 {each.details}。" for each in matters if each.details))


def _example(matters: Mapping[str, Matter]) -> dict[str, Any]:
    """A body that this service takes, for its own document."""
    first = next(iter(matters.values()), None)
    body = EXAMPLE | ({"matter": first.code, "summary": first.name} if first else {})
    return {"requestBody": {"content": {"application/json": {"example": body}}}}


def _sent(context: Context, body: RequestIn, known: Mapping[str, Matter]) -> Sent:
    if body.matter is None:
        raise matter_needed(f"{body.summary}\n{body.description}", known.values())
    matter = known.get(body.matter)
    if matter is None:
        raise unknown_matter(body.matter, known.values())
    if body.handed_on is not None and not context.caller.may(HAND_ON):
        raise Forbidden("missing-scope", f"令牌缺少权限 {HAND_ON}，请向管理员申请。", missing=[HAND_ON])
    context.refuse_future(received_at=body.received_at, occurred_at=body.occurred_at)
    if body.received_at is not None and local_day(body.received_at) < earliest():
        raise Invalid(
            "too-long-ago",
            f"受理时间不能早于 {earliest()}，请核对年份。",
            errors=[FieldError(pointer="/received_at", reason=f"应在 {earliest()} 以后")],
            clauses=matter.clauses,
        )
    place = body.division or context.caller.division
    street = units.street(place) if place is not None else None
    if place is not None and street is None:
        raise Invalid(
            "unknown-street",
            f"“{place}”不是本区的街道或镇。",
            errors=[FieldError(pointer="/division", reason="应为本区 12 个街道、3 个镇之一，例如 天骄街道")],
            clauses=matter.clauses,
        )
    division = street.name if street is not None else None
    context.must_cover(division, context.caller.company if matter.companies else None)
    return Sent(
        matter=matter,
        summary=body.summary,
        description=body.description,
        division=division,
        address=body.address,
        citizen_name=body.citizen.name,
        citizen_phone=body.citizen.phone,
        source=body.source,
        external_number=body.external_number,
        received_at=min(body.received_at or context.now, context.now),
        details=body.details,
        compound=body.compound,
        point=point_of(body.coordinates),
        occurred_at=body.occurred_at,
        urgency=body.urgency,
        secret=body.secret,
        attachments=tuple(body.attachments),
        source_fields=body.source_fields,
        handed_on=HandedOn(body.handed_on.number, body.handed_on.client) if body.handed_on else None,
    )


def matter_needed(text: str, known: Iterable[Named]) -> Invalid:
    """The refusal of what names no matter, with those that its words propose; a person chooses."""
    by_code = {each.code: each.name for each in known}
    found = propose(text, [*known])
    said = "、".join(f"{each.code}（{by_code[each.code]}，因“{'”“'.join(each.words)}”）" for each in found)
    advice = f"按文字建议：{said}。" if found else "文字中没有可以据以建议的词。"
    return Invalid(
        "matter-needed",
        f"请选定诉求事项后重新提交。{advice}",
        errors=[FieldError(pointer="/matter", reason="请填写事项编码")],
        clauses=(CLAUSE,),
        proposals=[
            {"matter": each.code, "name": by_code[each.code], "score": each.score, "words": list(each.words)}
            for each in found
        ],
    )


def unknown_matter(code: str, known: Iterable[Named], pointer: str = "/matter") -> Invalid:
    """The refusal of a code that no matter has, listing those there are; pointer: where it was given."""
    items = [*known]
    names = "、".join(f"{item.code}（{item.name}）" for item in items)
    return Invalid(
        "unknown-matter",
        f"没有事项 {code}。可用的事项：{names}。",
        errors=[FieldError(pointer=pointer, reason="不是已有的事项编码")],
        clauses=(CLAUSE,),
        matters=[{"code": item.code, "name": item.name} for item in items],
    )
