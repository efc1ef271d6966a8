"""What a company's credit gives it access to: selections, tenders, awards, in one answer with its reasons (P-2.3.4c)."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import RowMapping, select

from kit.web import routes
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from services.credit.base import Reader
from services.credit.companies.whose import CompanyKey, the_company
from services.credit.evaluations.models import Evaluation
from services.credit.lists import work
from services.credit.lists.published import entries
from services.credit.plan.lists import Year
from services.credit.records.shapes import Exact
from services.credit.schemes.work import the_scheme
from services.credit.scoring.statement import ScoreOf
from services.credit.scoring.work import score_of


class AccessToOut(Answer, title="资格"):
    """Whether a company may take part in something, and why not (资格)."""

    allowed: bool = Field(description="是否可以参加")
    reasons: list[str] = Field(
        description="不可以的理由，注明依据；可以的为空表", examples=[["列入现行黑榜（P-2.3.4b）"]]
    )


class AccessOut(Grounded, title="评选和招投标资格", clauses=("P-2.3.4c",)):
    """What a company's credit gives it access to (P-2.3.4c)."""

    company_id: UUID = Field(description="企业编号")
    name: str = Field(description="企业名称", examples=["某某物业服务有限公司（虚构）"])
    as_of: date = Field(description="哪一天的情况")
    scheme: str = Field(description="所用评价方案", examples=["default-2026-1"])
    score: Exact = Field(description="得分", examples=["82.00"])
    grade: str = Field(description="信用等级", examples=["AA"])
    key_rectification: bool = Field(description="是否为重点整改企业")
    demonstration: AccessToOut = Field(description="物业管理示范项目评选")
    tenders: AccessToOut = Field(description="物业服务招标")
    awards: AccessToOut = Field(description="行业各类奖励评比")


router = routes.router("评选和招投标资格")


@router.get(
    "/companies/{uscc}/access",
    summary="查询企业评选和招投标资格",
    description="按信用评价结果，是否可以参加示范项目评选、物业服务招标和奖励评比，不可以的写明理由和依据。",
    responses=problems(404),
    openapi_extra=clauses("P-2.3.4c", "P-2.3.5b"),
)
async def read_access(uscc: CompanyKey, context: Reader) -> AccessOut:
    """What a company's credit gives it access to, in one answer with its reasons."""
    company = await the_company(context, uscc)
    scheme = await the_scheme(context.session, None, context.today)
    score = await score_of(context.session, scheme, ScoreOf(context.today, which=(company.id,)))
    pair = (await work.rectification(context.session, [company.id], context.today)).get(company.id)
    public = entries(public=True).subquery("public")
    on_black = await context.session.scalar(
        select(public.c.evaluation_id).where(
            public.c.company_id == company.id, public.c.listed == "black", public.c.evaluation_id == _newest()
        )
    )
    total = score.total if score is not None else None
    barred = _barred(total, pair, is_on_list=on_black is not None)
    absent = (
        [] if total is None or total["grade"] != scheme.absent_grade else ["没有参加信用评价（P-2.3.4c）"]
    )
    return AccessOut.of(
        company,
        company_id=company.id,
        as_of=context.today,
        scheme=scheme.code,
        score=total["score"] if total is not None else 0,
        grade=total["grade"] if total is not None else scheme.absent_grade,
        key_rectification=pair is not None,
        demonstration=AccessToOut(allowed=not barred + absent, reasons=barred + absent),
        tenders=AccessToOut(allowed=not barred, reasons=barred),
        awards=AccessToOut(allowed=not barred + absent, reasons=barred + absent),
    )


def _newest() -> Any:
    return (
        select(Evaluation.id)
        .where(Evaluation.listed_on.is_not(None))
        .order_by(Evaluation.ends_on.desc())
        .limit(1)
        .scalar_subquery()
    )


def _barred(total: RowMapping | None, pair: tuple[Year, Year] | None, *, is_on_list: bool) -> list[str]:
    found = []
    if pair is not None:
        found.append(
            f"连续两年列入黑榜（{pair[0].ends_on.year}、{pair[1].ends_on.year}），为重点整改企业（P-2.3.5b）"
        )
    if is_on_list:
        found.append("列入现行黑榜（P-2.3.4b）")
    if total is not None and total["listed"] == "black":
        found.append(f"当前信用等级{total['grade']}（{total['score']} 分），属于信用较差（P-2.3.4c）")
    return found
