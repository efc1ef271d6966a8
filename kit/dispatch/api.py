"""Endpoints of the dispatch contract, the same in every service."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.audit.auditing import audit
from kit.dispatch import requests as dispatch
from kit.dispatch.requests import Matter
from kit.district import units
from kit.district.citations import Citation, cite
from kit.district.clock import LocalTime, Now
from kit.personal.cipher import mask_name, mask_phone, must_unmask
from kit.storage.tables import DispatchRequest
from kit.storage.transactions import Session, cipher_of
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, problems
from kit.web.routes import TransactionalRoute
from kit.web.tokens import Caller, requires

State = Literal["received", "accepted", "answered", "closed"]
Number = Annotated[str, Path(description="诉求编号", examples=["DS-PQ-20240624-0001"], max_length=40)]


class MatterOut(BaseModel):
    """A matter that the service owns."""

    model_config = ConfigDict(title="诉求事项")

    code: str = Field(description="事项编码")
    name: str = Field(description="事项名称")
    service: str = Field(description="承办的服务")
    prefix: str = Field(description="诉求编号的前缀", examples=["DS-PQ-"])
    unit: str | None = Field(description="承办单位编号；为空表示属地街道（镇）就地办理")
    handling: Literal["on_the_spot", "dispatched"] = Field(description="就地解决，或派单办理")
    hours: int | None = Field(description="办理时限：自然小时")
    same_day: bool = Field(description="办理时限：当日")
    workdays: int | None = Field(description="办理时限：工作日，自受理次日起算")
    source: str = Field(description="时限出处")
    basis: list[Citation] = Field(description="依据的文件条款")


class CitizenIn(BaseModel):
    """Who called."""

    model_config = ConfigDict(title="来电人")

    name: str | None = Field(default=None, max_length=50, description="姓名")
    phone: str | None = Field(default=None, pattern=r"^\+?[0-9\-]{5,20}$", description="电话")


class RequestIn(BaseModel):
    """A citizen's request as the hotline sends it."""

    model_config = ConfigDict(
        title="派单",
        extra="forbid",
    )

    matter: str = Field(max_length=60, description="事项编码，见 /dispatch/v1/matters")
    summary: str = Field(min_length=1, max_length=200, description="一句话概括")
    description: str = Field(default="", max_length=5000, description="详细情况")
    division: str | None = Field(default=None, max_length=30, description="所在街道（镇）")
    address: str | None = Field(default=None, max_length=200, description="地址")
    citizen: CitizenIn = Field(default=CitizenIn(), description="来电人")
    source: str = Field(default="12345", min_length=1, max_length=30, description="来源")
    external_number: str | None = Field(
        default=None, min_length=1, max_length=60, description="来源系统的工单编号；重复提交时返回同一诉求"
    )
    received_at: LocalTime | None = Field(default=None, description="受理时间；不填为现在")
    details: dict[str, Any] = Field(default={}, description="事项要求的其他内容")


class StepOut(BaseModel):
    """What was done with a request."""

    model_config = ConfigDict(title="办理过程", from_attributes=True)

    at: LocalTime
    action: str
    unit: str | None
    note: str | None


class RequestOut(BaseModel):
    """A citizen's request and how it stands."""

    model_config = ConfigDict(title="诉求")

    number: str = Field(description="诉求编号")
    source: str
    external_number: str | None
    matter: str
    matter_name: str
    service: str = Field(description="承办的服务")
    summary: str
    description: str
    division: str | None
    address: str | None
    citizen_name: str | None = Field(description="来电人姓名，默认隐去")
    citizen_phone: str | None = Field(description="来电人电话，默认隐去")
    received_at: LocalTime
    unit: str = Field(description="承办单位编号")
    unit_name: str = Field(description="承办单位")
    handling: str = Field(description="on_the_spot 就地解决，dispatched 派单办理")
    due_at: LocalTime = Field(description="办理时限")
    due_provisional: bool = Field(description="时限所用的放假安排尚未公布，可能调整")
    overdue: bool = Field(description="是否超时，读取时计算")
    state: State = Field(description="received 已派单，accepted 已签收，answered 已答复，closed 已办结")
    allowed: list[str] = Field(description="目前可做的操作")
    reference: str | None = Field(description="转成的事项编号，例如事故编号")
    answer: str | None
    answered_at: LocalTime | None
    closed_at: LocalTime | None
    basis: list[Citation] = Field(description="依据的文件条款")


class RequestWithSteps(RequestOut):
    """A citizen's request with all that was done."""

    model_config = ConfigDict(title="诉求及办理过程")

    steps: list[StepOut] = Field(description="办理过程")


class ActionIn(BaseModel):
    """A note to an action."""

    model_config = ConfigDict(
        title="办理意见",
        extra="forbid",
        json_schema_extra={"examples": [{"note": "已安排维修人员上门更换。"}]},
    )

    note: str | None = Field(default=None, max_length=2000, description="说明；答复和退回时必填")


_NO_NOTE = ActionIn()


def make_router(service: str, letter: str, matters: tuple[Matter, ...]) -> APIRouter:
    """The service's dispatch endpoints."""
    router = APIRouter(route_class=TransactionalRoute, tags=["12345 派单"], prefix="/dispatch")
    known = {matter.code: matter for matter in matters}
    table = dispatch.moves(service)
    prefix = f"DS-{letter}Q-"
    clause = {"x-clauses": ["P-2.2.2b"]}

    def out(
        row: DispatchRequest, session: AsyncSession, now: datetime, *, reveal: bool = False
    ) -> dict[str, Any]:
        matter = known.get(row.matter)  # None when the service no longer takes such requests
        cipher = cipher_of(session)
        name = cipher.open(row.citizen_name) if row.citizen_name else None
        phone = cipher.open(row.citizen_phone) if row.citizen_phone else None
        plain = {field: getattr(row, field, None) for field in RequestOut.model_fields}
        return plain | {
            "matter_name": matter.name if matter else row.matter,
            "service": service,
            "citizen_name": name if reveal or name is None else mask_name(name),
            "citizen_phone": phone if reveal or phone is None else mask_phone(phone),
            "unit_name": _unit_name(row.unit),
            "overdue": dispatch.is_overdue(row, now),
            "allowed": table.allowed(row.state),
            "basis": cite(*(matter.clauses if matter else ("P-2.2.2b",))),
        }

    @router.get(
        "/matters",
        summary="列出本服务承办的诉求事项",
        description="12345 可派给本服务的事项、承办单位、办理时限及其出处。",
        openapi_extra=clause,
    )
    async def list_matters(_caller: Annotated[Caller, requires(dispatch.READ)]) -> list[MatterOut]:
        """The matters that the hotline may send here (P-2.2.2b)."""
        return [
            MatterOut(
                code=matter.code,
                name=matter.name,
                service=service,
                prefix=prefix,
                unit=matter.unit,
                handling=matter.handling,
                hours=matter.limit.hours,
                same_day=matter.limit.same_day,
                workdays=matter.limit.workdays,
                source=matter.source,
                basis=cite(*matter.clauses),
            )
            for matter in matters
        ]

    @router.post(
        "/requests",
        status_code=201,
        summary="受理一件诉求",
        description="确定承办单位和办理时限。来源系统的同一工单编号只受理一次。",
        openapi_extra=clause | _example(matters),
    )
    async def take_request(
        body: RequestIn,
        session: Session,
        caller: Annotated[Caller, requires(dispatch.SEND)],
        now: Now,
        response: Response,
    ) -> RequestOut:
        """Take a citizen's request (P-2.2.2b)."""
        sent = _sent(body, known, caller, now)
        row = await dispatch.take(session, letter, sent, caller, now)
        response.headers["Location"] = f"/{service}/v1/dispatch/requests/{row.number}"
        return RequestOut(**out(row, session, now))

    @router.get(
        "/requests",
        summary="查询诉求",
        description="按受理时间由新到旧分页列出。限定街道的令牌只看到本街道的诉求。",
        openapi_extra=clause,
    )
    async def list_requests(
        session: Session,
        caller: Annotated[Caller, requires(dispatch.READ)],
        now: Now,
        paging: PageRequest,
        state: Annotated[State | None, Query(description="状态")] = None,
        matter: Annotated[str | None, Query(description="事项编码")] = None,
        unit: Annotated[str | None, Query(description="承办单位编号")] = None,
        phone: Annotated[str | None, Query(description="来电人电话")] = None,
        overdue: Annotated[bool | None, Query(description="是否超时")] = None,
    ) -> Page[RequestOut]:
        """List requests, the newest first."""
        query = select(DispatchRequest)
        columns = {"state": state, "matter": matter, "unit": unit, "division": caller.division}
        for name, value in columns.items():
            if value is not None:
                query = query.where(getattr(DispatchRequest, name) == value)
        if phone is not None:
            query = query.where(
                DispatchRequest.phone_hash == cipher_of(session).lookup(dispatch.digits(phone))
            )
        if overdue is not None:
            late = dispatch.overdue_at(now)
            query = query.where(late if overdue else ~late)
        rows, following = await paging.fetch(
            session, query, DispatchRequest.received_at, DispatchRequest.id, descending=True
        )
        return Page(items=[RequestOut(**out(row, session, now)) for row in rows], next=following)

    @router.get(
        "/requests/{number}",
        summary="查询一件诉求",
        description="状态、办理时限和办理过程。reveal=true 显示来电人完整信息，须有权限，并记入审计。",
        responses=problems(404),
        openapi_extra=clause,
    )
    async def read_request(
        number: Number,
        session: Session,
        caller: Annotated[Caller, requires(dispatch.READ)],
        now: Now,
        reveal: Annotated[bool, Query(description="显示完整的个人信息")] = False,
    ) -> RequestWithSteps:
        """Read a request with its steps."""
        row = await dispatch.by_number(session, number, caller)
        if reveal:
            must_unmask(caller)
            audit(session, f"{service}.personal.seen", number, caller, now, {})
        steps = [StepOut.model_validate(step) for step in await dispatch.steps_of(session, row)]
        return RequestWithSteps(**out(row, session, now, reveal=reveal), steps=steps)

    def add_action(action: str, summary: str, scope: str, *, note_needed: bool) -> None:
        async def act(
            number: Number,
            session: Session,
            caller: Annotated[Caller, requires(scope)],
            now: Now,
            body: ActionIn = _NO_NOTE,
        ) -> RequestOut:
            if note_needed and not (body.note or "").strip():
                raise Invalid(
                    "no-note",
                    f"{summary}时请填写说明。",
                    errors=[FieldError(pointer="/note", reason="缺少这一项，请填写。")],
                )
            row = await dispatch.move(session, table, number, action, caller, now, body.note)
            return RequestOut(**out(row, session, now))

        router.add_api_route(
            f"/requests/{{number}}/{action}",
            act,
            methods=["POST"],
            name=f"{action}_request",
            summary=summary,
            description=f"{summary}。不在可做的状态时返回 409，并列出目前可做的操作。",
            responses=problems(404, 409),
            openapi_extra=clause,
        )

    add_action("accept", "签收诉求", f"{service}:write", note_needed=False)
    add_action("answer", "答复诉求", f"{service}:write", note_needed=True)
    add_action("redo", "退回重办", dispatch.SEND, note_needed=True)
    add_action("close", "办结诉求", dispatch.SEND, note_needed=False)
    return router


def _example(matters: tuple[Matter, ...]) -> dict[str, Any]:
    """A body that this service takes, for its own document."""
    body = {
        "matter": matters[0].code if matters else "none",
        "summary": matters[0].name if matters else "无",
        "division": "天骄街道",
        "address": "某小区 3 号楼",
        "citizen": {"name": "张先生", "phone": "13800000000"},
        "external_number": "12345-20240624-000001",
    }
    return {"requestBody": {"content": {"application/json": {"example": body}}}}


def _unit_name(id: str) -> str:
    try:
        return units.unit(id).name
    except units.UnknownUnit:  # struck from the canon since
        return id


def _sent(body: RequestIn, known: dict[str, Matter], caller: Caller, now: datetime) -> dispatch.Sent:
    matter = known.get(body.matter)
    if matter is None:
        names = "、".join(f"{item.code}（{item.name}）" for item in known.values())
        raise Invalid(
            "unknown-matter",
            f"没有事项 {body.matter}。可用的事项：{names}。",
            errors=[FieldError(pointer="/matter", reason="不是已有的事项编码")],
            clauses=("P-2.2.2b",),
        )
    received_at = body.received_at or now
    if received_at > now + timedelta(minutes=5):
        raise Invalid(
            "in-the-future",
            "受理时间不能晚于现在，请检查。",
            errors=[FieldError(pointer="/received_at", reason="比现在晚")],
        )
    place = body.division or caller.division
    division = units.street(place) if place else None
    if place and division is None:
        raise Invalid(
            "unknown-street",
            f"本区没有“{place}”，请填写本区的街道或镇。",
            errors=[FieldError(pointer="/division", reason="应为本区 12 个街道、3 个镇之一，例如 天骄街道")],
        )
    if division is not None:
        caller.must_cover(division.name)
    return dispatch.Sent(
        matter=matter,
        summary=body.summary,
        description=body.description,
        division=division.name if division else None,
        address=body.address,
        citizen_name=body.citizen.name,
        citizen_phone=body.citizen.phone,
        source=body.source,
        external_number=body.external_number,
        received_at=received_at,
        details=body.details,
    )
