"""Endpoints of the dispatch contract, the same in every service."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.dispatch import requests as dispatch
from kit.dispatch.requests import Matter
from kit.district import units
from kit.district.citations import cite
from kit.district.clock import LocalTime
from kit.personal.cipher import UNMASK, must_unmask
from kit.personal.kept import Kept, PersonName
from kit.personal.masking import mask_name, mask_phone
from kit.personal.originals import reveal_within
from kit.personal.phones import Phone
from kit.storage.tables import DispatchRequest
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, problems
from kit.web.routes import clauses, move
from kit.web.shapes import Answer, Body, Grounded, Shape

CLAUSES = ("P-2.2.2b",)
State = Literal["received", "accepted", "answered", "closed"]
Number = Annotated[str, Path(description="诉求编号", examples=["DS-PQ-20240624-0001"], max_length=40)]


#: Where a number is given to find its caller's requests: an address would stand in the logs of whatever passes it on.
PHONE_HEADER = "Citizen-Phone"
SoughtPhone = Annotated[
    Phone | None,
    Header(alias=PHONE_HEADER, description="来电人电话，完整的号码", examples=["13800000000"]),
]


class MatterOut(Grounded, title="诉求事项"):
    """A matter that the service owns (诉求事项)."""

    code: str = Field(description="事项编码", examples=["safety-hazard"])
    name: str = Field(description="事项名称", examples=["安全生产隐患"])
    service: str = Field(description="承办的服务", examples=["emergency"])
    prefix: str = Field(description="诉求编号的前缀", examples=["DS-PQ-"])
    unit: str | None = Field(
        description="承办单位编号；为空表示属地街道（镇）就地办理", examples=["emergency-bureau"]
    )
    handling: Literal["on_the_spot", "dispatched"] = Field(description="就地解决，或派单办理")
    hours: int | None = Field(description="办理时限：自然小时")
    same_day: bool = Field(description="办理时限：当日")
    workdays: int | None = Field(description="办理时限：工作日，自受理次日起算")
    source: str = Field(description="时限出处", examples=["东政发〔2024〕18号 二(二)2"])


class CitizenIn(Shape, title="来电人"):
    """Who called (来电人)."""

    name: PersonName | None = Field(default=None, description="姓名")
    phone: Phone | None = Field(default=None, description="电话")


#: Any service with matters takes it, with a matter of its own.
_EXAMPLE = {
    "matter": "safety-hazard",
    "summary": "安全生产隐患",
    "division": "天骄街道",
    "address": "某小区 3 号楼",
    "citizen": {"name": "张先生", "phone": "13800000000"},
    "external_number": "12345-20240624-000001",
}


class RequestIn(Body, title="派单", example=_EXAMPLE):
    """A citizen's request as the hotline sends it (派单)."""

    matter: str = Field(max_length=60, description="事项编码，见 /dispatch/v1/matters")
    summary: str = Field(min_length=1, max_length=200, description="一句话概括")
    description: str = Field(default="", max_length=5000, description="详细情况")
    division: str | None = Field(default=None, max_length=30, description="所在街道（镇）")
    address: str | None = Field(default=None, max_length=200, description="地址")
    citizen: CitizenIn = Field(default=CitizenIn(), description="来电人")
    source: str = Field(default="12345", min_length=1, max_length=30, description="来源")
    external_number: Annotated[str, Kept.KEY] | None = Field(
        default=None, min_length=1, max_length=60, description="来源系统的工单编号；重复提交时返回同一诉求"
    )
    received_at: LocalTime | None = Field(default=None, description="受理时间；不填为现在")
    details: dict[str, Any] = Field(default={}, description="事项要求的其他内容")


class StepOut(Answer, title="办理过程"):
    """What was done with a request (办理过程)."""

    at: LocalTime = Field(description="办理时间")
    action: str = Field(description="操作", examples=["accept"])
    unit: str | None = Field(description="办理单位", examples=["emergency-bureau"])
    note: str | None = Field(description="说明", examples=["已到现场核实并整改"])


class RequestOut(Grounded, title="诉求"):
    """A citizen's request and how it stands (诉求)."""

    number: str = Field(description="诉求编号", examples=["DS-EQ-20240624-0001"])
    source: str = Field(description="来源", examples=["12345"])
    external_number: str | None = Field(description="来源系统的工单编号", examples=["20240624000123"])
    matter: str = Field(description="事项编码", examples=["safety-hazard"])
    matter_name: str = Field(description="事项名称", examples=["安全生产隐患"])
    service: str = Field(description="承办的服务", examples=["emergency"])
    summary: str = Field(description="一句话概括", examples=["消防通道被堵"])
    description: str = Field(description="详细情况", examples=["单元门口的消防通道被杂物堵住"])
    division: str | None = Field(description="所在街道（镇）", examples=["天骄街道"])
    address: str | None = Field(description="地址", examples=["天骄街道天骄路1号"])
    citizen_name: str | None = Field(description="来电人姓名，默认隐去", examples=["张*"])
    citizen_phone: str | None = Field(description="来电人电话，默认隐去", examples=["138****0001"])
    received_at: LocalTime = Field(description="受理时间")
    unit: str = Field(description="承办单位编号", examples=["emergency-bureau"])
    unit_name: str = Field(description="承办单位", examples=["区应急管理局"])
    handling: str = Field(description="on_the_spot 就地解决，dispatched 派单办理")
    due_at: LocalTime = Field(description="办理时限")
    due_provisional: bool = Field(description="时限所用的放假安排尚未公布，可能调整")
    overdue: bool = Field(description="是否超时，读取时计算")
    state: State = Field(description="received 已派单，accepted 已签收，answered 已答复，closed 已办结")
    allowed: list[str] = Field(description="目前可做的操作", examples=[["accept"]])
    reference: str | None = Field(description="转成的事项编号，例如事故编号", examples=["DS-E-20240624-0001"])
    answer: str | None = Field(description="答复内容", examples=["已到现场核实并整改"])
    answered_at: LocalTime | None = Field(description="答复时间")
    closed_at: LocalTime | None = Field(description="办结时间")


class RequestWithSteps(RequestOut, title="诉求及办理过程"):
    """A citizen's request with all that was done (诉求及办理过程)."""

    steps: list[StepOut] = Field(description="办理过程")


class ActionIn(Body, title="办理意见", example={"note": "已安排维修人员上门更换。"}):
    """A note to an action (办理意见)."""

    note: str | None = Field(default=None, max_length=2000, description="说明；答复和退回时必填")


_NO_NOTE = ActionIn()


def make_router(service: str, letter: str, matters: tuple[Matter, ...]) -> APIRouter:
    """The service's dispatch endpoints."""
    router = routes.router("12345 派单")
    known = {matter.code: matter for matter in matters}
    table = dispatch.moves(service)
    prefix = f"DS-{letter}Q-"
    clause = clauses(*CLAUSES)

    reader = Annotated[Context, requires(dispatch.READ, whose=Whose.PLACES)]

    def out(row: DispatchRequest, context: Context, *, reveal: bool = False) -> dict[str, Any]:
        matter = known.get(row.matter)  # None when the service no longer takes such requests
        cipher = context.cipher
        name = cipher.open(row.citizen_name) if row.citizen_name else None
        phone = cipher.open(row.citizen_phone) if row.citizen_phone else None
        plain = {field: getattr(row, field, None) for field in RequestOut.model_fields}
        return plain | {
            "matter_name": matter.name if matter else row.matter,
            "service": service,
            "citizen_name": name if reveal or name is None else mask_name(name),
            "citizen_phone": phone if reveal or phone is None else mask_phone(phone),
            "unit_name": dispatch.unit_name(row.unit),
            "overdue": dispatch.is_overdue(row, context.now),
            "allowed": table.allowed(row.state, context.caller),
            "basis": cite(*(matter.clauses if matter else CLAUSES)),
        }

    @router.get(
        "/dispatch/matters",
        summary="列出本服务承办的诉求事项",
        description="12345 可派给本服务的事项、承办单位、办理时限及其出处。",
        openapi_extra=clause,
    )
    async def list_matters(
        _: Annotated[Context, requires(dispatch.READ, whose=Whose.EVERYBODYS)],
    ) -> list[MatterOut]:
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
        "/dispatch/requests",
        status_code=201,
        summary="受理一件诉求",
        description=f"确定承办单位和办理时限。来源系统的同一工单编号只受理一次。{_details(matters)}",
        openapi_extra=clause | _example(matters),
    )
    async def take_request(
        body: RequestIn,
        context: Annotated[Context, requires(dispatch.SEND, whose=Whose.PLACES)],
        response: Response,
    ) -> RequestOut:
        """Take a citizen's request (P-2.2.2b)."""
        row = await dispatch.take(context, letter, _sent(context, body, known))
        response.headers["Location"] = f"/{service}/v1/dispatch/requests/{row.number}"
        return RequestOut(**out(row, context))

    @router.get(
        "/dispatch/requests",
        summary="查询诉求",
        description="按受理时间由新到旧分页列出。限定街道的令牌只看到本街道的诉求。"
        f"按来电人电话查找时，号码放在请求头 {PHONE_HEADER} 中，不放在地址里；需要 {UNMASK} 权限，并记入审计。",
        openapi_extra=clause,
    )
    async def list_requests(
        context: reader,
        paging: PageRequest,
        state: Annotated[State | None, Query(description="状态")] = None,
        matter: Annotated[str | None, Query(description="事项编码")] = None,
        unit: Annotated[str | None, Query(description="承办单位编号")] = None,
        phone: SoughtPhone = None,
        overdue: Annotated[bool | None, Query(description="是否超时")] = None,
    ) -> Page[RequestOut]:
        """List requests, the newest first."""
        query = context.within(select(DispatchRequest), dispatch.BELONGING)
        columns = {"state": state, "matter": matter, "unit": unit}
        for name, value in columns.items():
            if value is not None:
                query = query.where(getattr(DispatchRequest, name) == value)
        if phone is not None:
            must_unmask(context.caller)
            context.audit(f"{service}.personal.sought", "requests", phone=mask_phone(phone))
            query = query.where(DispatchRequest.phone_hash == context.cipher.lookup(dispatch.digits(phone)))
        if overdue is not None:
            late = dispatch.overdue_at(context.now)
            query = query.where(late if overdue else ~late)
        rows, following = await paging.fetch(
            context.session, query, DispatchRequest.received_at, DispatchRequest.id, descending=True
        )
        return Page(items=[RequestOut(**out(row, context)) for row in rows], next=following)

    @router.get(
        "/dispatch/requests/{number}",
        summary="查询一件诉求",
        description="状态、办理时限和办理过程。reveal=true 显示来电人完整信息，须有权限，并记入审计。",
        responses=problems(404),
        openapi_extra=clause,
    )
    async def read_request(
        number: Number,
        context: reader,
        reveal: Annotated[bool, Query(description="显示完整的个人信息")] = False,
    ) -> RequestWithSteps:
        """Read a request with its steps."""
        row = await dispatch.by_number(context, number)
        if reveal:
            must_unmask(context.caller)
            context.audit(f"{service}.personal.seen", number)
        steps = [StepOut.of(step) for step in await dispatch.steps_of(context.session, row)]
        shown = RequestWithSteps(**out(row, context, reveal=reveal), steps=steps)
        return await reveal_within(context, number, shown) if reveal else shown

    def add_action(action: str, *, note_needed: bool = False) -> None:
        of_hotline = dispatch.SEND in table.roles(action)
        actor = Annotated[Context, requires(whose=Whose.PLACES if of_hotline else Whose.UNITS)]

        @move(
            router,
            "/dispatch/requests/{number}",
            table,
            action,
            f"{table.actions[action]}。不在可做的状态时返回 409，并列出目前可做的操作。",
            name=f"{action}_request",
        )
        async def act(number: Number, context: actor, body: ActionIn = _NO_NOTE) -> RequestOut:
            if note_needed and not (body.note or "").strip():
                raise Invalid(
                    "no-note",
                    f"{table.actions[action]}时请填写说明。",
                    errors=[FieldError(pointer="/note", reason="缺少这一项，请填写。")],
                )
            row = await dispatch.move(context, table, number, action, body.note)
            return RequestOut(**out(row, context))

    add_action("accept")
    add_action("answer", note_needed=True)
    add_action("redo", note_needed=True)
    add_action("close")
    return router


def _details(matters: tuple[Matter, ...]) -> str:
    """What may be said in `details`, for the service's own document."""
    return "".join(dict.fromkeys(f"details 可填写 {each.details}。" for each in matters if each.details))


def _example(matters: tuple[Matter, ...]) -> dict[str, Any]:
    """A body that this service takes, for its own document."""
    body = _EXAMPLE | ({"matter": matters[0].code, "summary": matters[0].name} if matters else {})
    return {"requestBody": {"content": {"application/json": {"example": body}}}}


def _sent(context: Context, body: RequestIn, known: dict[str, Matter]) -> dispatch.Sent:
    matter = known.get(body.matter)
    if matter is None:
        names = "、".join(f"{item.code}（{item.name}）" for item in known.values())
        raise Invalid(
            "unknown-matter",
            f"没有事项 {body.matter}。可用的事项：{names}。",
            errors=[FieldError(pointer="/matter", reason="不是已有的事项编码")],
            clauses=CLAUSES,
        )
    context.refuse_future(received_at=body.received_at)
    place = body.division or context.caller.division
    division = units.street(place) if place else None
    if place and division is None:
        raise Invalid(
            "unknown-street",
            f"本区没有“{place}”，请填写本区的街道或镇。",
            errors=[FieldError(pointer="/division", reason="应为本区 12 个街道、3 个镇之一，例如 天骄街道")],
        )
    context.must_cover(division.name if division else None)
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
        received_at=body.received_at or context.now,
        details=body.details,
    )
