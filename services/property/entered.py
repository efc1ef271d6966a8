"""What entries of this service's registers have in common: from when until when they hold, and what they speak of."""

from datetime import date
from typing import Any, Self

from pydantic import Field, model_validator
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    SQLColumnExpression,
    cast,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped

from kit.context import Context
from kit.district.clock import Day
from kit.web.ownership import Belonging
from kit.web.problems import FieldError, Invalid
from kit.web.registers import Check
from kit.web.shapes import Body, Choice
from services.property.companies import Company
from services.property.compounds.models import Compound

_NAMED: tuple[tuple[str, Any, str], ...] = (
    ("compound_id", Compound, "小区"),
    ("company_id", Company, "企业"),
)


class Spell:
    """A row that holds from one day to another, both days included; `ends_on` None while it goes on."""

    begins_on: Mapped[date]
    ends_on: Mapped[date | None]

    @classmethod
    def on(cls, day: date | SQLColumnExpression[date]) -> ColumnElement[bool]:
        """Whether it holds on a day, which may be that of a row."""
        holds: ColumnElement[bool] = (cls.begins_on <= day) & func.coalesce(cls.ends_on >= day, literal(True))
        return holds


class SpellIn(Body):
    """What holds from one day to another (起止日期)."""

    begins_on: Day = Field(description="自哪一天起", examples=["2024-05-20"])
    ends_on: Day | None = Field(default=None, description="最后一天；仍在继续的为空")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.begins_on:
            raise ValueError("最后一天不能早于开始的一天。")
        return self


def in_order() -> CheckConstraint:
    """The constraint of a spell's days."""
    return CheckConstraint("ends_on >= begins_on", name="period")


def one_of(column: str, kinds: type[Choice]) -> CheckConstraint:
    """The constraint that a column holds one of the choices."""
    return CheckConstraint(f"{column} in ({','.join(repr(str(each)) for each in kinds)})", name=column)


def of_company(company_id: InstrumentedAttribute[Any], division: Any = None) -> Belonging:
    """Whose rows are that hang on a company: its own, and of a street where they name one."""
    code = select(Company.uscc).where(Company.id == company_id).scalar_subquery()
    return Belonging(division, code)


def standing(company: type[Company], day: date) -> ColumnElement[bool]:
    """The companies that are known on a day and not withdrawn."""
    entered = cast(company.entered_at, Date)
    known: ColumnElement[bool] = (entered <= day) & (
        company.withdrawn_on.is_(None) | (company.withdrawn_on > day)
    )
    return known


def checked(*past: str, then: Check | None = None) -> Check:
    """A register's check: what an entry names was not withdrawn, and its days `past` have come.

    then: a further check. Raises: Invalid pointing at the field.
    """

    async def check(context: Context, body: Any, row: Any) -> None:
        await _refuse_withdrawn(context, body)
        context.refuse_future(**{name: getattr(body, name) for name in past})
        if then is not None:
            await then(context, body, row)

    return check


async def _refuse_withdrawn(context: Context, body: Body) -> None:
    for field, model, noun in _NAMED:
        id = getattr(body, field, None)
        if id is None:
            continue
        there = exists().where(model.id == id, model.withdrawn_on.is_(None))
        if not await context.session.scalar(select(there)):
            raise Invalid(
                "unknown-reference",
                f"没有这个{noun}，或者它已撤回、已并入另一登记，请核对编号。",
                errors=[FieldError(pointer=f"/{field}", reason=f"没有编号为 {id} 的{noun}")],
            )
