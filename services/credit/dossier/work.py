"""The integrity file of a company (诚信档案): all that it did and all that was said and decided of it, in time order.

One statement over the tables that hold it, so that it cannot say anything else than they do.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Numeric,
    Select,
    Subquery,
    Text,
    Uuid,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from kit.web.shapes import Choice
from services.credit.awards.models import Assessment, Award, AwardFund
from services.credit.evaluations.models import Evaluation, Lead, Objection, Result
from services.credit.lists.models import ListEntry, ListExit
from services.credit.plan.scheme import Scheme
from services.credit.records.models import Amendment, Record
from services.credit.repairs.models import Repair
from services.credit.schemes.work import every_scheme

CLAUSES: Final = ("P-2.3.4a",)


class What(Choice):
    """What an entry of an integrity file is (档案内容)."""

    RECORD = "record", "信用信息"
    AMENDMENT = "amendment", "后续记载"
    EVALUATION = "evaluation", "评价结果"
    LISTED = "listed", "列入红黑榜"
    LEFT = "left", "移出黑榜"
    ASSESSMENT = "assessment", "年度考核考评"
    AWARD = "award", "以奖代补"
    OBJECTION = "objection", "提出异议"
    OBJECTION_DECIDED = "objection_decided", "异议处理"
    LEAD = "lead", "收到信用线索"
    LEAD_DECIDED = "lead_decided", "信用线索处理"
    REPAIR = "repair", "申请信用修复"
    REPAIR_DECIDED = "repair_decided", "信用修复审核"


def entries(company: UUID) -> Subquery:
    """The entries of a company's file: at, what, id (together unique), record, code, words, unit.

    code: what more there is to know of the kind: the item, the action, the grade, the list, the result, the decision.
    """
    parts = (*_records(company), *_results(company), *_awards(company), *_applications(company))
    return union_all(*parts).subquery("file")


def _entry(what: What, at: Any, id: Any, **told: Any) -> list[ColumnElement[Any]]:
    """The columns of an entry, of which none is left out, whatever the kind has."""
    return [
        cast(at, DateTime(timezone=True)).label("at"),
        literal(what.value, Text).label("what"),
        cast(id, Uuid).label("id"),
        cast(told.get("record", null()), Uuid).label("record"),
        cast(told.get("code", null()), Text).label("code"),
        cast(told.get("words", null()), Text).label("words"),
        cast(told.get("unit", null()), Text).label("unit"),
    ]


def _begin_of(day: Any) -> ColumnElement[Any]:
    """A day's first moment in the district."""
    return func.timezone("Asia/Shanghai", cast(day, DateTime(timezone=False)))


def _records(company: UUID) -> list[Select[Any]]:
    recorded = _entry(
        What.RECORD,
        Record.acted_at,
        Record.id,
        record=Record.id,
        code=Record.item,
        words=Record.note,
        unit=Record.unit,
    )
    said = _entry(
        What.AMENDMENT,
        Amendment.entered_at,
        Amendment.id,
        record=Amendment.record_id,
        code=Amendment.action,
        words=Amendment.reason,
        unit=Amendment.unit,
    )
    return [
        select(*recorded).where(Record.company_id == company),
        select(*said)
        .join_from(Amendment, Record, Record.id == Amendment.record_id)
        .where(Record.company_id == company),
    ]


def _results(company: UUID) -> list[Select[Any]]:
    came_to = _entry(
        What.EVALUATION,
        _begin_of(Evaluation.final_on),
        Evaluation.id,
        code=Result.grade,
        words=func.concat(Evaluation.begins_on, " 至 ", Evaluation.ends_on, "，", Result.score, " 分"),
    )
    reasons = select(func.string_agg(func.jsonb_array_elements_text(ListEntry.reasons).column_valued(), "；"))
    listed = _entry(
        What.LISTED,
        _begin_of(Evaluation.listed_on),
        Evaluation.id,
        code=ListEntry.listed,
        words=reasons.scalar_subquery(),
    )
    left = _entry(What.LEFT, ListExit.entered_at, ListExit.evaluation_id, words=ListExit.reason)
    return [
        select(*came_to)
        .join_from(Result, Evaluation, Evaluation.id == Result.evaluation_id)
        .where(Result.company_id == company, Result.project_id.is_(None), Evaluation.final_on.is_not(None)),
        select(*listed)
        .join_from(ListEntry, Evaluation, Evaluation.id == ListEntry.evaluation_id)
        .where(ListEntry.company_id == company),
        select(*left).where(ListExit.company_id == company),
    ]


def _awards(company: UUID) -> list[Select[Any]]:
    assessed = _entry(
        What.ASSESSMENT,
        Assessment.entered_at,
        Assessment.id,
        code=Assessment.result,
        words=func.concat(Assessment.year, " 年度，", Assessment.source),
    )
    yuan = func.to_char(cast(Award.amount, Numeric) / Decimal(100), "FM999999999990.00")
    awarded = _entry(
        What.AWARD,
        AwardFund.shared_out_at,
        AwardFund.evaluation_id,
        words=func.concat(Award.year, " 年度，", yuan, " 元"),
    )
    return [
        select(*assessed).where(Assessment.company_id == company),
        select(*awarded)
        .join_from(Award, AwardFund, AwardFund.year == Award.year)
        .where(Award.company_id == company),
    ]


def _applications(company: UUID) -> list[Select[Any]]:
    made: list[Select[Any]] = []
    for table, begun, decided, began_at, words in (
        (Objection, What.OBJECTION, What.OBJECTION_DECIDED, Objection.filed_at, Objection.reason),
        (Lead, What.LEAD, What.LEAD_DECIDED, Lead.received_at, Lead.reason),
        (Repair, What.REPAIR, What.REPAIR_DECIDED, Repair.filed_at, Repair.commitment),
    ):
        record = table.record_id
        filed = _entry(begun, began_at, table.id, record=record, words=words)
        answer = _entry(
            decided, table.decided_at, table.id, record=record, code=table.state, words=table.decision
        )
        made.append(select(*filed).where(table.company_id == company))
        made.append(select(*answer).where(table.company_id == company, table.decided_at.is_not(None)))
    return made


class Names:
    """What items are called: by the scheme of the day of the act."""

    def __init__(self, schemes: list[Scheme]) -> None:
        """schemes: by their first day."""
        self._schemes = schemes

    @classmethod
    async def read(cls, session: AsyncSession) -> "Names":
        """The names in all schemes."""
        return cls(await every_scheme(session))

    def of(self, code: str, day: date) -> str:
        """The name of an item on a day; its code where the scheme has none such."""
        then = [each for each in self._schemes if each.effective_from <= day]
        item = then[-1].item(code) if then else None
        return code if item is None else item.name
