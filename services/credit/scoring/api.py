"""Endpoints of scores: of a company or project, at any moment, under any version, with all that counted (P-2.3.2a)."""

from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import Day, LocalTime
from kit.figures.canvas import USUAL
from kit.storage import db
from kit.web import routes
from kit.web.downloads import OR_REPORTED, FigureWidth, drawn, reported
from kit.web.problems import FieldError, Invalid, NotFound, problems
from kit.web.routes import clauses
from services.credit.base import Reader
from services.credit.companies.models import Company
from services.credit.companies.whose import CompanyKey, named_company, the_company
from services.credit.plan.scheme import Recorder, Scheme
from services.credit.records.entering import Fact, checked
from services.credit.records.models import Record
from services.credit.schemes.work import the_scheme
from services.credit.scoring import figure
from services.credit.scoring.shapes import CLAUSES, GradeOut, ScoreOut, WhatIfIn, When, when
from services.credit.scoring.statement import ScoreOf
from services.credit.scoring.work import as_row, score_of
from services.credit.window import Public

AsOf = Annotated[Day | None, Query(description="评分日；不填为今天")]
KnownAt = Annotated[
    LocalTime | None,
    Query(description="只按这一时刻已登记的信息；不填按最新", examples=["2026-01-10T09:00:00+08:00"]),
]
SchemeCode = Annotated[
    str | None,
    Query(alias="scheme", description="评价方案编号；不填用评分日施行的方案", examples=["default-2026-1"]),
]
Format = Annotated[Literal["json", "docx", "svg"], Query(description="json、docx 或 svg 图")]
NO_SUCH_PROJECT = "这一天没有在管的这个服务项目，请核对编号和日期。"
router = routes.router("信用得分")


@router.get(
    "/companies/{uscc}/score",
    summary="查询企业信用得分及说明",
    description="任一天、任一评价方案下的得分，列出计入的每一条信息：分值、折算、封顶、剩余天数和分值出处；起评分、各明细与四舍五入的"
    "差额相加即得分。known_at 按当时已登记的信息计算；取一次评价的最后一天和计算时间，即为那次评价的得分。"
    "format=svg 返回瀑布图：从起评分起逐条加减到得分，每条注明日期、分值出处和封顶折算；format=docx 下载可改的报告。",
    responses=problems(404) | OR_REPORTED,
    openapi_extra=clauses(*CLAUSES),
)
async def read_score(
    uscc: CompanyKey,
    context: Reader,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    scheme: SchemeCode = None,
    format: Format = "json",
    width: FigureWidth = USUAL,
) -> ScoreOut:
    """A company's score with every part of it."""
    company, asked = await the_company(context, uscc), await when(context, as_of, known_at)
    found = await the_scheme(context.session, scheme, asked.as_of)
    score = await _score(context, company, found, asked)
    return await _as(format, score, width, context)  # type: ignore[return-value]


@router.post(
    "/companies/{uscc}/what-if",
    summary="试算信用得分",
    description="假设增加或去掉一些信息后的得分及说明；不保存任何内容。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def try_score(
    uscc: CompanyKey,
    body: WhatIfIn,
    context: Reader,
    as_of: AsOf = None,
    scheme: SchemeCode = None,
) -> ScoreOut:
    """What the score would be; nothing is stored."""
    company, asked = await the_company(context, uscc), await when(context, as_of, None)
    found = await the_scheme(context.session, scheme, asked.as_of)
    await _must_be_theirs(context, company, body.without)
    added = [await _as_row(context, company, each.told, index) for index, each in enumerate(body.add)]
    context.audit("credit.score.tried", str(company.id), added=len(added), without=len(body.without))
    return await _score(context, company, found, asked, added=tuple(added), without=tuple(body.without))


async def _must_be_theirs(context: Context, company: Company, without: list[UUID]) -> None:
    """Refuse to leave out what is not known, or of another company: nothing would come of it. Raises: Invalid."""
    theirs = select(Record.id).where(Record.company_id == company.id, db.among(Record.id, without))
    known = set(await context.session.scalars(theirs)) if without else set()
    if strange := [index for index, id in enumerate(without) if id not in known]:
        raise Invalid(
            "unknown-reference",
            "试算只能去掉这家企业已登记的信息，请核对编号。",
            errors=[
                FieldError(pointer=f"/without/{index}", reason="这家企业没有这条信用信息")
                for index in strange
            ],
            clauses=CLAUSES,
        )


async def _as_row(context: Context, company: Company, told: Fact, index: int) -> dict[str, Any]:
    """A fact as the statement takes it; of another company it would count for nobody. Raises: Invalid."""
    if told.company_id is None and told.project_id is None:
        told = replace(told, company_id=company.id)
    record = await checked(context, told, Recorder.SYSTEM)
    if record.company_id != company.id:
        raise Invalid(
            "another-in-charge",
            "试算只能加入这家企业的信息，请核对企业和服务项目。",
            errors=[FieldError(pointer=f"/add/{index}", reason="是另一家企业的信息")],
            clauses=CLAUSES,
        )
    return as_row(record)


@router.get(
    "/projects/{id}/score",
    summary="查询服务项目信用得分及说明",
    description="住宅和商业服务项目的得分：在管企业的基础信息，加上该企业在管期间项目上的全部信息，不折算。"
    "format=svg 返回瀑布图，format=docx 下载报告。",
    responses=problems(404) | OR_REPORTED,
    openapi_extra=clauses(*CLAUSES),
)
async def read_project_score(
    id: Annotated[UUID, Path(description="服务项目编号，与物业服务中的编号相同")],
    context: Reader,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    scheme: SchemeCode = None,
    format: Format = "json",
    width: FigureWidth = USUAL,
) -> ScoreOut:
    """A project's score with every part of it."""
    asked = await when(context, as_of, known_at)
    found = await the_scheme(context.session, scheme, asked.as_of)
    score = await score_of(
        context.session,
        found,
        ScoreOf(asked.as_of, asked.known_at, which=(id,), of_projects=True, with_lines=True),
    )
    if score is None:
        raise NotFound("not-found", NO_SUCH_PROJECT)
    company = await the_company(context, str(score.total["company_id"]))
    made = ScoreOut.of_score(score, found, company, asked)
    return await _as(format, made, width, context)  # type: ignore[return-value]


@router.get(
    "/companies/{uscc}/grade",
    summary="查询企业当前信用等级",
    description="今天的等级和得分，以及是否属于信用较差；向社会公开，不需令牌，同一地址每分钟最多 60 次。"
    "选聘物业服务企业时用。",
    responses=problems(404, 429),
    openapi_extra=clauses(*CLAUSES),
)
async def read_grade(uscc: CompanyKey, context: Public) -> GradeOut:
    """A company's grade today, which is nobody's secret (P-2.3.2b)."""
    company = await named_company(context, uscc)
    scheme = await the_scheme(context.session, None, context.today)
    score = await score_of(context.session, scheme, ScoreOf(context.today, which=(company.id,)))
    if score is None:
        raise NotFound("not-found", "这家企业没有纳入信用评价。")
    total = score.total
    return GradeOut.of(
        company,
        grade=total["grade"],
        score=total["score"],
        poor=total["listed"] == "black",
        as_of=context.today,
        scheme=scheme.code,
    )


async def _as(format: str, score: ScoreOut, width: int, context: Context) -> ScoreOut | Response:
    """A score as it is asked for."""
    if format == "docx":
        return await reported(figure.report(score), context.now)
    return drawn(figure.drawing(score, width)) if format == "svg" else score


async def _score(
    context: Context,
    company: Company,
    scheme: Scheme,
    asked: When,
    *,
    added: tuple[dict[str, Any], ...] = (),
    without: tuple[UUID, ...] = (),
) -> ScoreOut:
    whole = ScoreOf(
        asked.as_of, asked.known_at, which=(company.id,), with_lines=True, added=added, without=without
    )
    score = await score_of(context.session, scheme, whole)
    if score is None:  # it is there: it has just been found
        raise NotFound("not-found", "这家企业没有纳入信用评价。")
    return ScoreOut.of_score(score, scheme, company, asked)
