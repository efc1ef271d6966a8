"""Shapes of a score with its explanation."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, WithJsonSchema

from kit.context import Context
from kit.district.clock import SHANGHAI, LocalTime, local_day
from kit.events.catching_up import Silence, silence_of
from kit.web.problems import FieldError, Invalid
from kit.web.shapes import Answer, Body, Grounded, choices
from services.credit.companies.models import Company
from services.credit.plan.repair import repairable_from, rule_of
from services.credit.plan.scheme import Band, Kind, Scheme, Validity
from services.credit.records.shapes import Exact, RecordIn
from services.credit.scoring.work import Line, Score, plain

CLAUSES = ("P-2.3.2a", "P-2.3.2b")
#: The service whose registers base items are computed from.
REGISTERS = "property"
Signed = Annotated[
    Decimal,
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["-0.9"]}),
]


class CutOut(Answer, title="封顶扣减"):
    """What a cap took from a line (封顶)."""

    by: Literal["item", "group", "kind"] = Field(
        description="item 单项封顶，group 合并封顶，kind 类别合计封顶"
    )
    points: Exact = Field(description="未计入的分")


class ShareOut(Answer, title="项目折算比例"):
    """The part of a project in what its company had on the day of the act (折算)."""

    basis: Literal["area", "mean", "full"] = Field(
        description="area 按行为当日面积（平方米），mean 按行为当日项目数（面积未知，或方案规定），full 全额计入"
    )
    part: Exact = Field(description="该项目的面积，或 1")
    whole: Exact = Field(description="企业全部在管面积，或项目数；折算即乘 part 除以 whole")


class LineOut(Answer, title="计分明细"):
    """A record as it counted (计分明细)."""

    record: UUID = Field(description="信用信息编号；试算加入的为试算编号")
    item: str = Field(description="评价项目编码", examples=["N11"])
    name: str = Field(description="评价项目名称", examples=["检查发现问题，每处"])
    kind: Kind = Field(description=choices(Kind))
    acted_at: datetime = Field(description="行为发生的时间")
    entered_at: datetime = Field(description="登记时间")
    project: UUID | None = Field(description="服务项目编号；与项目无关的为空")
    value: Exact = Field(description="折算和封顶之前的分值")
    units: int = Field(description="数量")
    share_part: int | None = Field(description="按比例计分的分子；其他为空")
    share_whole: int | None = Field(description="按比例计分的分母；其他为空")
    share: ShareOut | None = Field(description="项目折算；与项目无关的为空")
    cuts: list[CutOut] = Field(description="封顶扣减；没有的为空表")
    points: Signed = Field(description="计入得分的分，扣分为负")
    counts_until: date | None = Field(description="到这一天不再计；没有期限的为空")
    days_left: int | None = Field(description="自评分日起还计多少天；没有期限的为空")
    repairable_from: date | None = Field(description="自这一天起可以申请信用修复；不是不良信息的为空")
    veto: bool = Field(description="是否直接认定等级")
    validity: Validity = Field(description=f"有效期方式：{choices(Validity)}")
    basis_of_points: str = Field(description="分值的出处", examples=["本系统自定"])

    @classmethod
    def of_line(cls, line: Line, scheme: Scheme, day: date, *, of_project: bool) -> "LineOut":
        """A line as it is shown."""
        row, item = line.row, line.item
        return cls(
            record=row["id"],
            item=item.code,
            name=item.name,
            kind=item.kind,
            acted_at=row["acted_at"],
            entered_at=row["entered_at"],
            project=row["project_id"],
            value=line.number("value"),
            units=row["units"],
            share_part=row["share_part"],
            share_whole=row["share_whole"],
            share=_share(line, scheme, of_project=of_project),
            cuts=[CutOut(by=cut.by, points=cut.points) for cut in line.cuts],
            points=line.points,
            counts_until=row["ends_on"],
            days_left=line.days_left(day),
            repairable_from=_repairable_from(line, scheme),
            veto=item.veto,
            validity=item.validity,
            basis_of_points=item.basis,
        )


def _repairable_from(line: Line, scheme: Scheme) -> date | None:
    rule = rule_of(scheme, line.item)
    if rule is None:
        return None
    return repairable_from(rule, local_day(datetime.fromisoformat(line.row["acted_at"])))


def _share(line: Line, scheme: Scheme, *, of_project: bool) -> ShareOut | None:
    if line.row["project_id"] is None:
        return None
    part, whole = line.number("share_of"), line.number("share_in")
    in_full = of_project or (scheme.serious_in_full and line.item.kind is Kind.SERIOUS)
    by_area = scheme.aggregation == "area" and line.row["area"] is not None
    return ShareOut(basis="full" if in_full else "area" if by_area else "mean", part=part, whole=whole)


class NextOut(Answer, title="上一等级"):
    """The nearest better grade (上一等级)."""

    grade: str = Field(description="等级", examples=["AAA"])
    missing: Exact = Field(description="还差多少分")


class SilentOut(Answer, title="物业服务没有答复"):
    """Registers that have not been heard of: base items stand as they were known last (没有答复)."""

    since: LocalTime | None = Field(description="最近一次答复的时间；从没有答复的为空")
    note: str = Field(
        description="说明",
        examples=["物业服务自 2026-01-10 09:00 起没有答复，基础信息按此前最后取得的值计算。"],
    )

    @classmethod
    def of_silence(cls, silence: Silence) -> "SilentOut":
        """How it is said."""
        since = (
            "一直" if silence.since is None else f"自 {silence.since.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 起"
        )
        note = f"物业服务{since}没有答复，基础信息按此前最后取得的值计算。"
        return cls(since=silence.since, note=note)


class ScoreOut(Grounded, title="信用得分及说明", clauses=CLAUSES):
    """A score with every part of it (信用得分)."""

    format: Literal["credit-score/1"] = Field(default="credit-score/1", description="本说明格式的版本")
    company: UUID = Field(description="企业编号")
    uscc: str | None = Field(description="统一社会信用代码；尚未录入的为空", examples=["91110000600037341L"])
    name: str = Field(description="名称", examples=["某某物业服务有限公司（虚构）"])
    project: UUID | None = Field(description="服务项目编号；企业得分为空")
    as_of: date = Field(description="评分日")
    known_at: LocalTime | None = Field(description="按这一时刻已登记的信息；为空按最新")
    scheme: str = Field(description="所用评价方案", examples=["default-2026-1"])
    score: Exact = Field(description="得分，四舍五入一次", examples=["82.00"])
    grade: str = Field(description="信用等级", examples=["AA"])
    vetoed: bool = Field(description="是否因直接认定而定为该等级")
    base: Exact = Field(description="基础信息合计")
    good: Exact = Field(description="优良信息合计")
    bad: Exact = Field(description="不良信息合计，正数")
    serious: Exact = Field(description="严重不良信息合计，正数")
    start: Exact = Field(description="起评分")
    rounding: Signed = Field(description="四舍五入的差额；起评分、各明细与它相加即得分")
    next: NextOut | None = Field(description="最近的上一等级和还差的分；已是最高的为空")
    silent: SilentOut | None = Field(description="物业服务没有答复的情况；有答复、或评分日在此之前的为空")
    lines: list[LineOut] = Field(description="计入的全部信息")

    @classmethod
    def of_score(cls, score: Score, scheme: Scheme, company: Company, asked: "When") -> "ScoreOut":
        """A score as it is shown."""
        silent = None if asked.silence is None else SilentOut.of_silence(asked.silence)
        total = score.total
        sums = {kind: plain(total[kind]) for kind in ("base", "good", "bad", "serious")}
        return cls.of(
            company,
            company=company.id,
            project=total["project_id"],
            as_of=asked.as_of,
            known_at=asked.known_at,
            scheme=scheme.code,
            score=total["score"],
            grade=total["grade"],
            vetoed=total["vetoed"],
            start=plain(scheme.start),
            rounding=score.rounding,
            silent=silent,
            next=None if total["vetoed"] else _next(scheme, total["score"], total["grade"]),
            lines=[
                LineOut.of_line(each, scheme, asked.as_of, of_project=total["project_id"] is not None)
                for each in score.lines
            ],
            **sums,
        )


@dataclass(frozen=True)
class When:
    """As of which day, by what was known when, and whether the registers are silent that it rests on."""

    as_of: date
    known_at: datetime | None
    silence: Silence | None


def _next(scheme: Scheme, score: Decimal, grade: str) -> NextOut | None:
    ranks = {each: rank for rank, each in enumerate(scheme.grades)}
    rank = ranks.get(grade, len(ranks))
    above: list[Band] = [
        each
        for each in scheme.bands
        if each.at_least is not None and each.at_least > score and ranks[each.grade] < rank
    ]
    nearest = min(above, key=lambda band: band.at_least or Decimal(0), default=None)
    if nearest is None or nearest.at_least is None:
        return None
    return NextOut(grade=nearest.grade, missing=nearest.at_least - score)


class GradeOut(Grounded, title="当前信用等级", clauses=CLAUSES):
    """A company's grade today (信用等级)."""

    uscc: str | None = Field(description="统一社会信用代码；尚未录入的为空", examples=["91110000600037341L"])
    name: str = Field(description="企业名称", examples=["某某物业服务有限公司（虚构）"])
    grade: str = Field(description="信用等级", examples=["AA"])
    score: Exact = Field(description="得分", examples=["82.00"])
    poor: bool = Field(description="是否属于信用较差，即列入黑榜的等级或有严重不良信息")
    as_of: date = Field(description="评分日")
    scheme: str = Field(description="所用评价方案", examples=["default-2026-1"])


class WhatIfIn(
    Body,
    title="试算",
    example={
        "add": [
            {
                "item": "G03",
                "company_id": "01990000-0000-7000-8000-000000000001",
                "acted_at": "2024-06-20T10:00:00+08:00",
                "evidence": [{"title": "表彰决定"}],
            }
        ],
        "without": [],
    },
):
    """Facts to be added or left out, of which nothing is stored (试算)."""

    add: list[RecordIn] = Field(default_factory=list, max_length=50, description="假设增加的信息")
    without: list[UUID] = Field(default_factory=list, max_length=50, description="假设没有的信用信息编号")


async def when(context: Context, as_of: date | None, known_at: datetime | None) -> When:
    """What is asked for, today and by all that is known where nothing is said. Raises: Invalid for a moment to come."""
    if known_at is not None and context.is_ahead(known_at):
        raise Invalid(
            "in-the-future",
            "时间不能晚于现在，请核对日期、时刻和时区。",
            errors=[FieldError(pointer="?known_at", reason="晚于现在")],
        )
    day = as_of or context.today
    silence = await silence_of(context.session, REGISTERS, context.now)
    if silence is not None and silence.since is not None:
        is_before = day < local_day(silence.since) or (known_at or context.now) <= silence.since
        silence = None if is_before else silence
    return When(day, known_at, silence)
