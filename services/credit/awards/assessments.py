"""The yearly assessment of companies (考核考评): an input of its own with its own source, never derived from credit."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, WithJsonSchema
from sqlalchemy import select

from kit.context import Context
from kit.web import routes
from kit.web.ownership import Belonging
from kit.web.problems import FieldError, Invalid
from kit.web.register_endpoints import add_register
from kit.web.registers import Register, must_exist
from kit.web.shapes import Body, Choice, Name, choices
from services.credit.awards.models import Assessment
from services.credit.companies.models import Company
from services.credit.plan.roles import CENTRE

Marks = Annotated[
    Decimal,
    Field(ge=0, le=1000, max_digits=7, decimal_places=2),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,2})?$", "examples": ["95.5"]}),
]


Year = Annotated[int, Field(ge=2020, le=2100)]


class Outcome(Choice):
    """What a yearly assessment comes to (考核结果)."""

    EXCELLENT = "excellent", "优秀"
    GOOD = "good", "良好"
    PASSED = "passed", "合格"
    FAILED = "failed", "不合格"


class AssessmentIn(
    Body,
    title="年度考核考评结果",
    example={
        "company_id": "01990000-0000-7000-8000-000000000001",
        "year": 2023,
        "result": "excellent",
        "points": "95.5",
        "source": "2023 年度物业服务企业考核结果通报",
    },
):
    """A yearly assessment as entered (考核考评)."""

    company_id: UUID = Field(description="企业编号")
    year: Year = Field(description="年度")
    result: Outcome = Field(description=choices(Outcome))
    points: Marks | None = Field(default=None, description="考核得分；没有的不填")
    source: Name = Field(description="考核结果的文件")


def must_have_come(context: Context, year: int, pointer: str) -> None:
    """Refuse a year to come. Raises: Invalid."""
    if year > context.today.year:
        raise Invalid(
            "in-the-future",
            "年度不能晚于今年，请核对年度。",
            errors=[FieldError(pointer=pointer, reason=f"晚于今年（{context.today.year} 年）")],
            clauses=Assessment.clauses,
        )


async def _check(context: Context, body: AssessmentIn, _row: Assessment | None) -> None:
    must_have_come(context, body.year, "/year")
    await must_exist(context.session, Company, body.company_id, "/company_id", "纳入评价的企业")


ASSESSMENTS = Register(
    "assessments",
    "年度考核考评结果",
    Assessment,
    AssessmentIn,
    about="按本区物业服务企业考核考评办法的年度结果，与信用评价分开；每家企业每年一项。",
    filters=("company_id", "year", "result"),
    search="source",
    check=_check,
    writers=(CENTRE,),
    belongs=Belonging(
        company=select(Company.uscc).where(Company.id == Assessment.company_id).scalar_subquery()
    ),
)
router = routes.router("年度考核考评")
add_register(router, "credit", ASSESSMENTS)
