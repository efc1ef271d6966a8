"""Endpoints of the files in which lists and penalties are exchanged with other departments (P-2.3.4b, P-2.3.2b)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Annotated, Any, Final, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

from fastapi import Query, Response
from sqlalchemy import Interval, Select, and_, cast, false, func, or_, select
from sqlalchemy.orm import aliased

from kit.context import Context
from kit.district import units
from kit.district.citations import cite
from kit.web import routes
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.pages import Ordering, Page, PageRequest, Paging, narrowed
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Answer
from services.credit.base import Anybody, Reader
from services.credit.companies.models import Company
from services.credit.companies.whose import BELONGING
from services.credit.evaluations.models import Evaluation
from services.credit.exchange.fields import BlackOut, ExitOut, PenaltyOut, RedOut, workbook
from services.credit.lists.published import entries, public_reasons
from services.credit.plan.repair import public_until, rule_of
from services.credit.plan.scheme import Recorder, RepairRule, Source
from services.credit.records.amending import GONE
from services.credit.records.models import Amendment, Record
from services.credit.schemes.work import the_scheme

SUBJECT: Final = "法人及非法人组织"
#: Who evaluates, and from whom the data come.
CENTRE: Final = units.unit("housing-centre").name
BLACK: Final = "东胜区物业服务信用评价黑榜"
RED: Final = "东胜区物业服务信用评价红榜"
Format = Annotated[Literal["json", "xlsx"], Query(description="返回的格式")]
EvaluationQuery = Annotated[UUID | None, Query(description="信用评价编号；不填为全部")]
Out = TypeVar("Out", bound=Answer)
router = routes.router("数据交换")


def _basis() -> str:
    (basis,) = cite("P-2.3.4b")
    return f"《{basis.title}》（{basis.document}）{basis.at}"


def _listed(which: str, evaluation: UUID | None) -> tuple[Select[Any], tuple[Ordering, ...]]:
    """Who is on public lists, each with the day on which the next were published."""
    whole, later = entries(public=True).subquery("entries"), aliased(Evaluation)
    following = select(func.min(later.listed_on)).where(later.ends_on > whole.c.ends_on).scalar_subquery()
    query = select(*whole.c, following.label("until"))
    found = narrowed(query, listed=which, evaluation_id=evaluation)
    return found, (whole.c.ends_on, whole.c.company_id)


def _on_black(row: Any) -> dict[str, Any]:
    """What is told of a company on the black list and of one that left it."""
    return {
        "HMDMC": BLACK,
        "ENTID": row.company_id,
        "JGMC": row.name,
        "TYSHXYDM": row.uscc,
        "RDBM": CENTRE,
        "RDBMTYSHXYDM": None,
        "RDYJ": _basis(),
        "RDRQ": row.listed_on,
        "YXQS": row.listed_on,
    }


async def _black(context: Context, rows: Sequence[Any]) -> list[BlackOut]:
    reasons = await public_reasons(context.session, rows)
    return [
        BlackOut(
            **_on_black(row), YXQZ=row.until, LRMDSY="；".join(reasons[row.evaluation_id, row.company_id])
        )
        for row in rows
    ]


async def _exits(_context: Context, rows: Sequence[Any]) -> list[ExitOut]:
    return [ExitOut(**_on_black(row), YXQZ=row.left_on, TCMDYY=row.exit_reason) for row in rows]


async def _red(_context: Context, rows: Sequence[Any]) -> list[RedOut]:
    return [
        RedOut(
            ztlb=SUBJECT,
            mdlxid=RED,
            ztmc=row.name,
            tyshxydm=row.uscc,
            rdbm=CENTRE,
            rdyj=_basis(),
            rdrq=row.listed_on,
            yxqz=row.until,
            lrmdsy="；".join(row.reasons),
        )
        for row in rows
    ]


class Exchanged(NamedTuple, Generic[Out]):
    """What is exchanged: rows of a query in an order, as what they are told, and what the file is called."""

    query: Select[Any]
    order: Sequence[Ordering]
    kind: type[Out]
    told: Callable[[Context, Sequence[Any]], Awaitable[list[Out]]]
    title: str


async def _answer(
    context: Context, paging: Paging, format: Literal["json", "xlsx"], what: Exchanged[Out]
) -> Page[Out] | Response:
    """A page of what is exchanged, or all of it as a workbook."""
    if format == "xlsx":
        rows = (await context.session.execute(what.query.order_by(*what.order))).all()
        made = workbook(what.kind, await what.told(context, rows), what.title)
        return download(made, f"{what.title}{context.now:%Y%m%d}.xlsx")
    found, following = await paging.fetch(context.session, what.query, *what.order)
    return Page(items=await what.told(context, found), next=following)


@router.get(
    "/exchange/black-list",
    summary="导出黑榜交换文件",
    description="公开的黑榜，按信用信息共享的公开字段（HMDMC 至 LRMDSY），不含个人证件；已移出的不列。"
    "本榜是本区物业服务信用评价的结果，不是严重失信主体名单。format=xlsx 返回全部。",
    response_model=Page[BlackOut],
    responses=OR_WORKBOOK,
    openapi_extra=clauses("P-2.3.4b"),
)
async def exchange_black_list(
    context: Anybody, paging: PageRequest, evaluation: EvaluationQuery = None, format: Format = "json"
) -> Page[BlackOut] | Response:
    """The black list in the published fields."""
    query, order = _listed("black", evaluation)
    return await _answer(context, paging, format, Exchanged(query, order, BlackOut, _black, "物业服务黑榜"))


@router.get(
    "/exchange/black-list/exits",
    summary="导出移出黑榜的交换文件",
    description="在下一次公布之前移出黑榜的企业和退出原因（TCMDYY），供接收过黑榜的部门同步移出。format=xlsx 返回全部。",
    response_model=Page[ExitOut],
    responses=OR_WORKBOOK,
    openapi_extra=clauses("P-2.3.4b"),
)
async def exchange_exits(
    context: Anybody, paging: PageRequest, evaluation: EvaluationQuery = None, format: Format = "json"
) -> Page[ExitOut] | Response:
    """Who left the black list, and why."""
    whole = entries(public=False).subquery("entries")
    left = select(*whole.c).where(whole.c.left_on.is_not(None))
    query, order = (
        narrowed(left, evaluation_id=evaluation),
        (whole.c.left_on, whole.c.company_id, whole.c.evaluation_id),
    )
    return await _answer(
        context, paging, format, Exchanged(query, order, ExitOut, _exits, "移出物业服务黑榜")
    )


@router.get(
    "/exchange/red-list",
    summary="导出红榜交换文件",
    description="公开的红榜，按信用信息共享的公开字段（ztlb 至 lrmdsy），不含法定代表人和个人证件。format=xlsx 返回全部。",
    response_model=Page[RedOut],
    responses=OR_WORKBOOK,
    openapi_extra=clauses("P-2.3.4b"),
)
async def exchange_red_list(
    context: Anybody, paging: PageRequest, evaluation: EvaluationQuery = None, format: Format = "json"
) -> Page[RedOut] | Response:
    """The red list in the published fields."""
    query, order = _listed("red", evaluation)
    return await _answer(context, paging, format, Exchanged(query, order, RedOut, _red, "物业服务红榜"))


def _penalties(context: Context, rules: dict[str, RepairRule]) -> Select[Any]:
    """Records of penalties that stand and are still public: neither taken back nor repaired, nor beyond their term."""
    gone = select(Amendment.id).where(Amendment.record_id == Record.id, Amendment.action.in_(GONE))
    public = [
        and_(
            Record.item == code,
            Record.acted_on + cast(f"{rule.public} months", Interval) > context.today,
        )
        for code, rule in rules.items()
    ]
    columns: tuple[Any, ...] = (*Record.__table__.columns, Company.name, Company.uscc)
    query: Select[Any] = select(*columns).join_from(Record, Company, Company.id == Record.company_id)
    return context.within(query.where(or_(false(), *public), ~gone.exists()), BELONGING)


def _penalty(row: Any, rule: RepairRule) -> PenaltyOut:
    paper = _decision(row.evidence)
    decided = paper.get("day")
    return PenaltyOut(
        cf_xdr_mc=row.name,
        cf_xdr_lb=SUBJECT,
        cf_xdr_shxym=row.uscc,
        cf_cfws=paper.get("title"),
        cf_wsh=paper.get("number"),
        cf_sy=row.note,
        cf_jdrq=row.acted_on if decided is None else date.fromisoformat(decided),
        cf_yxq=row.valid_until,
        cf_gsjzq=public_until(rule, row.acted_on),
        cf_cfjg=_authority(row, paper),
        cf_sjly=CENTRE,
        bz=str(row.id),
    )


def _decision(evidence: list[dict[str, Any]]) -> dict[str, Any]:
    """The paper that is the decision: the first that says its number, or else who issued it; empty where none does."""
    for mark in ("number", "issuer"):
        for each in evidence:
            if each.get(mark):
                return each
    return {}


def _authority(row: Any, paper: dict[str, Any]) -> str | None:
    """Who decided, as the decision says; a department that enters a penalty has decided itself, others pass one on."""
    said = paper.get("issuer") or (row.unit if row.recorder == Recorder.DEPARTMENT else None)
    try:
        return None if said is None else units.unit(said).name
    except units.UnknownUnit:
        return str(said)


@router.get(
    "/exchange/penalties",
    summary="导出行政处罚交换文件",
    description="公示期内的行政处罚，按双公示的公开字段（cf_xdr_mc 至 bz），不含法定代表人和个人证件；"
    "撤回、更正、修复和公示期满的不列。"
    "format=xlsx 返回全部。",
    response_model=Page[PenaltyOut],
    responses=OR_WORKBOOK | problems(404),
    openapi_extra=clauses("P-2.3.2b"),
)
async def exchange_penalties(
    context: Reader, paging: PageRequest, format: Format = "json"
) -> Page[PenaltyOut] | Response:
    """Penalties in the published fields."""
    scheme = await the_scheme(context.session, None, context.today)
    penalties = [each for each in scheme.items if each.source is Source.PENALTY]
    rules = {each.code: rule for each in penalties if (rule := rule_of(scheme, each)) is not None}
    whole = _penalties(context, rules).subquery("penalties")

    async def told(_context: Context, rows: Sequence[Any]) -> list[PenaltyOut]:
        return [_penalty(row, rules[row.item]) for row in rows]

    query, order = select(*whole.c), (whole.c.seq,)
    return await _answer(
        context, paging, format, Exchanged(query, order, PenaltyOut, told, "物业服务行政处罚")
    )
