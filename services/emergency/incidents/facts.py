"""What a report tells of an accident, typed and checked; the sum of several reports."""

from typing import Annotated, Any, Literal

from pydantic import Field

from kit.district.clock import LocalTime
from kit.district.money import Yuan
from kit.district.named_units import Street, UnitId
from kit.web.shapes import Body, Name, Shape, Text
from services.emergency.case.incident import HARM, PLACED
from services.emergency.incidents.as_told import AsTold
from services.emergency.plan.accidents.deadlines import AccidentKind

Channel = Literal["phone", "written", "online", "in_person", "radio", "12345"]
CHANNELS_ZH = {
    "phone": "电话",
    "written": "书面",
    "online": "网络",
    "in_person": "当面",
    "radio": "电台",
    "12345": "12345 热线",
}

#: At most more than the district has.
Persons = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


class Harm(Shape, title="事故损害"):
    """How grave an accident is, as far as it is known (事故损害)."""

    deaths: Persons | None = Field(default=None, description="死亡人数")
    serious_injuries: Persons | None = Field(default=None, description="重伤人数，包括急性工业中毒")
    endangered: Persons | None = Field(default=None, description="涉险被困人数，不含失联")
    missing: Persons | None = Field(default=None, description="失联人数，计入涉险，不计入死亡")
    direct_loss_yuan: Yuan | None = Field(default=None, description="直接经济损失（元），两位小数，写成文字")
    beyond_company_capacity: bool | None = Field(default=None, description="超出企业处置能力")
    beyond_district_capacity: bool | None = Field(default=None, description="超出区级处置能力")


class Known(Harm, title="事故情况"):
    """What is known of an accident besides (事故情况)."""

    unit: Name | None = Field(default=None, description="事故发生单位")
    occurred_at: LocalTime | None = Field(default=None, description="事故发生时间")
    unit_informed_at: LocalTime | None = Field(
        default=None, description="单位负责人接报时间，30 分钟和 1 小时由此起算"
    )
    place: Name | None = Field(default=None, description="事故地点")
    division: Street | None = Field(default=None, description="事发地街道（镇）")
    supervisor: UnitId | None = Field(
        default=None, description="行业主管部门，名称或编号", examples=["emergency-bureau"]
    )
    kind: AccidentKind | None = Field(
        default=None, description="road_traffic 道路交通，fire 火灾（补报期 7 天），other 其他（30 天）"
    )
    latitude: float | None = Field(default=None, ge=-90, le=90, description="纬度")
    longitude: float | None = Field(default=None, ge=-180, le=180, description="经度", examples=[109.984])


class Told(AsTold, Body, Known, title="报告内容"):
    """What a report may tell (报告内容); what it leaves out is not known (E-4.1d, e, f)."""

    kept_as_text = ("unit", "place")

    minor_injuries: Persons | None = Field(default=None, description="轻伤人数")
    evacuated: Persons | None = Field(default=None, description="疏散转移人数")

    scene: Text | None = Field(default=None, description="现场情况")
    course: Text | None = Field(default=None, description="简要经过")
    nature: Text | None = Field(default=None, description="事故性质")
    progress: Text | None = Field(default=None, description="处置进展")
    outlook: Text | None = Field(default=None, description="形势分析")
    opinion: Text | None = Field(default=None, description="舆情反映")
    measures: Text | None = Field(default=None, description="对策措施")
    overview: Text | None = Field(default=None, description="事故概况，用于终报")
    response: Text | None = Field(default=None, description="应对情况，用于终报")
    cause: Text | None = Field(default=None, description="事发原因，用于终报")
    lessons: Text | None = Field(default=None, description="经验教训，用于终报")
    corrections: Text | None = Field(default=None, description="整改措施，用于终报")

    def given(self) -> dict[str, Any]:
        """What is told, as JSON."""
        return self.model_dump(mode="json", exclude_none=True, include=set(FACTS))


#: The facts, each with what people call it: its description before the first comma.
FACTS = {name: (field.description or name).partition("，")[0] for name, field in Told.model_fields.items()}
#: The facts that stand in `Incident.said`.
SAID = FACTS.keys() - set(HARM) - set(PLACED)
