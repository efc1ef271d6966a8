"""The register of reporting dates: printed in a document, or set by the government office for its supervision (P-4.2, T-5)."""

from datetime import date
from typing import Any, Final

from pydantic import Field
from sqlalchemy import exists, select, true

from kit.context import Context
from kit.district.clock import Day
from kit.district.periods import Month
from kit.web import routes
from kit.web.problems import Conflict, FieldError, Invalid
from kit.web.register_endpoints import add_register
from kit.web.registers import EntryOut, Register
from kit.web.shapes import Body, Name
from services.office.plan.roles import MANAGER
from services.office.programmes.models import Measure, Programme, ProgressReport, ReportingDate

_CLAUSES: Final = ReportingDate.clauses


class ReportingDateIn(
    Body,
    title="报告时间",
    example={
        "programme_id": "property-three-year",
        "measure": None,
        "title": "2024 年第三季度督查",
        "month": None,
        "day": "2024-09-20",
        "yearly": False,
        "until": None,
    },
):
    """When reports are due (报告时间)."""

    programme_id: str = Field(max_length=60, description="专项工作编号", examples=["property-three-year"])
    measure: str | None = Field(
        default=None,
        max_length=20,
        description="只对哪一条措施，填其编号；不填为全部措施",
        examples=["2.2.3"],
    )
    title: Name = Field(description="名称，如哪一次督查", examples=["2024 年第三季度督查"])
    month: Month | None = Field(
        default=None, description="到期的月份，以该月最后一天终了为限；按日期定的不填", examples=["2024-06"]
    )
    day: Day | None = Field(
        default=None, description="到期的日期，到这一天终了；按月份定的不填", examples=["2024-09-20"]
    )
    yearly: bool = Field(default=False, description="是否以后每年都有")
    until: Day | None = Field(
        default=None, description="每年都有的，到哪一天为止；一直都有的不填", examples=["2026-04-30"]
    )

    @property
    def first_due_on(self) -> date | None:
        """The first day that it falls due; None where neither a month nor a day is given."""
        return self.month.last if self.month is not None else self.day


class _Shown(EntryOut):
    by_document: bool = Field(description="是否文件写明；文件写明的不能修改")
    first_due_on: date = Field(description="第一次到期的日期；按月份定的为该月最后一天，文件只写到月")


async def _check(context: Context, body: ReportingDateIn, row: ReportingDate | None) -> None:
    """Refuse a date that names no measure, no day, or a day that has passed; and a change of what was owed.

    Raises: Invalid; Conflict.
    """
    await _must_name(context, body)
    due = body.first_due_on
    if due is None or (body.month is not None and body.day is not None):
        reason = "month（月份）和 day（日期）填写其中一项"
        raise Invalid(
            "month-or-day",
            "报告时间填写月份或者日期，填且只填一项。",
            errors=[FieldError(pointer=pointer, reason=reason) for pointer in ("/month", "/day")],
        )
    if body.until is not None and (not body.yearly or body.until < due):
        raise _until("每年都有的才填写，不早于第一次到期的日期")
    if row is not None and await _is_fixed(context, row):
        _must_only_end(context, body, row)
    elif due < context.today:
        raise Invalid(
            "past-reporting-date",
            "报告时间已经过去，请填写今天或以后的。",
            errors=[FieldError(pointer="/month" if body.month else "/day", reason="早于今天")],
            clauses=_CLAUSES,
        )


def _until(reason: str) -> Invalid:
    return Invalid(
        "bad-period", f"终止日期有误：{reason}。", errors=[FieldError(pointer="/until", reason=reason)]
    )


async def _must_name(context: Context, body: ReportingDateIn) -> None:
    found: Any = await context.session.get(Programme, body.programme_id)
    pointer, noun = "/programme_id", "专项工作"
    if found is not None and body.measure is not None:
        found = await context.session.get(Measure, (body.programme_id, body.measure))
        pointer, noun = "/measure", "措施"
    if found is None:
        raise Invalid(
            "unknown-reference",
            f"没有这{'项' if noun == '专项工作' else '条'}{noun}，请核对编号。",
            errors=[FieldError(pointer=pointer, reason=f"没有这个编号的{noun}")],
        )


async def _is_fixed(context: Context, row: ReportingDate) -> bool:
    """Whether something is owed by it, or was reported for it, so that it has to stay. Raises: Conflict of a document's."""
    if row.by_document:
        raise Conflict("date-of-document", "这是文件写明的报告时间，不能修改或删除。", clauses=(row.clause,))
    due = row.first_due_on
    answered = exists().where(
        ProgressReport.programme_id == row.programme_id,
        true() if row.measure is None else ProgressReport.measure == row.measure,
        ProgressReport.due_on == due,
    )
    return due < context.today or bool(await context.session.scalar(select(answered)))


def _must_only_end(context: Context, body: ReportingDateIn, row: ReportingDate) -> None:
    """Of a date that has to stay only its end may change, and not into the past. Raises: Conflict; Invalid."""
    kept = ("programme_id", "measure", "title", "month", "day", "yearly")
    if any(getattr(body, name) != getattr(row, name) for name in kept):
        raise _fixed()
    if body.until != row.until and body.until is not None and body.until < context.today:
        raise _until("应为今天或以后，已经到期的仍应报送")


def _fixed() -> Conflict:
    return Conflict(
        "reporting-date-fixed",
        "这个报告时间已经到期或已经有单位报送，不能改动或删除，只能填写每年都有的到哪一天为止；需要的另行登记。",
        clauses=_CLAUSES,
    )


async def _removable(context: Context, row: ReportingDate) -> None:
    """Refuse to take a date away by which something is owed. Raises: Conflict."""
    if await _is_fixed(context, row):
        raise _fixed()


DATES: Final = Register(
    "reporting-dates",
    "报告时间",
    ReportingDate,
    ReportingDateIn,
    about="专项工作的进展报告何时到期：文件写明的，以及区政府办公室为定期督查登记的。",
    shown=_Shown,
    filters=("programme_id", "measure"),
    search=None,
    check=_check,
    removable=_removable,
    writers=(MANAGER,),
)

router = routes.router("报告时间")
add_register(router, "office", DATES)
