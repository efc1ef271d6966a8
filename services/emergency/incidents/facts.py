"""What a report tells of an accident, typed and checked; the sum of several reports."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from kit.district import units
from kit.district.clock import LocalTime
from kit.district.named_units import StreetId, UnitId
from services.emergency.case.incident import HARM, PLACED

#: More persons than the district has.
_MOST = 1_000_000

Persons = Annotated[int, Field(strict=True, ge=0, le=_MOST)]
Text = Annotated[str, Field(min_length=1, max_length=5000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


def _exact(value: object) -> object:
    if isinstance(value, float):
        raise ValueError('金额请写成文字，例如 "1234567.89"，不要写成小数数字。')
    if isinstance(value, bool):
        raise ValueError("应当是金额，单位为元。")
    return value


def _to_the_cent(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


#: An exact amount in yuan; held and shown with two places.
Yuan = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(ge=0, max_digits=18, decimal_places=2),
    AfterValidator(_to_the_cent),
]

#: The official name of a street or town, from any of its names.
Street = Annotated[StreetId, AfterValidator(lambda id: units.unit(id).name)]


class Told(BaseModel):
    """What a report may tell; what it leaves out is not known (E-4.1d, e, f)."""

    model_config = ConfigDict(title="报告内容", extra="forbid")

    unit: Name | None = Field(default=None, description="事故发生单位")
    occurred_at: LocalTime | None = Field(default=None, description="事故发生时间")
    unit_informed_at: LocalTime | None = Field(
        default=None, description="单位负责人接到报告的时间，30 分钟和 1 小时由此起算"
    )
    place: Name | None = Field(default=None, description="事故地点")
    division: Street | None = Field(default=None, description="事发地街道（镇）")
    supervisor: UnitId | None = Field(default=None, description="行业主管部门，名称或编号")
    scene: Text | None = Field(default=None, description="现场情况")
    course: Text | None = Field(default=None, description="简要经过")
    deaths: Persons | None = Field(default=None, description="死亡人数")
    serious_injuries: Persons | None = Field(default=None, description="重伤人数，包括急性工业中毒")
    endangered: Persons | None = Field(default=None, description="涉险、被困人数，不含失联")
    missing: Persons | None = Field(default=None, description="失联（下落不明）人数")
    direct_loss_yuan: Yuan | None = Field(default=None, description="直接经济损失，元，两位小数，写成文字")
    beyond_company_capacity: bool | None = Field(default=None, description="是否超出企业处置能力")
    beyond_district_capacity: bool | None = Field(default=None, description="是否超出区级处置能力")
    nature: Text | None = Field(default=None, description="事故性质")
    progress: Text | None = Field(default=None, description="处置进展")
    outlook: Text | None = Field(default=None, description="形势分析")
    opinion: Text | None = Field(default=None, description="舆情反映")
    measures: Text | None = Field(default=None, description="对策措施")
    overview: Text | None = Field(default=None, description="事故概况（终报）")
    response: Text | None = Field(default=None, description="应对情况（终报）")
    cause: Text | None = Field(default=None, description="事发原因（终报）")
    lessons: Text | None = Field(default=None, description="经验教训（终报）")
    corrections: Text | None = Field(default=None, description="整改措施（终报）")

    def given(self) -> dict[str, Any]:
        """What is told, as JSON."""
        return self.model_dump(mode="json", exclude_none=True, include=set(FACTS))


#: The names of the facts.
FACTS = frozenset(Told.model_fields)
#: The facts that stand in `Incident.said`.
SAID = FACTS - set(HARM) - set(PLACED)


def sum_of(reports: Iterable[dict[str, Any]]) -> Told:
    """What is known from reports in the order of their times: of each fact, the last that was told."""
    known: dict[str, Any] = {}
    for report in reports:
        known |= report
    return Told.model_validate(known)
