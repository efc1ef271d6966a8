"""What of a leading group is entered, and what is shown (P-4.1)."""

import json
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from kit.district.citations import UnknownClause, cite
from kit.district.clock import LocalTime
from kit.district.named_units import NamedUnit, UnitId, UnitShown
from kit.web.shapes import Answer, Body, Grounded, Name, choices
from services.office.leading_groups.models import GroupRole


def _known_clause(id: str) -> str:
    try:
        cite(id)
    except UnknownClause:
        raise ValueError(f"条款目录没有编号为 {id} 的条款，不确定的可以不填。") from None
    return id


class GroupMemberIn(
    Body,
    title="领导小组成员",
    example={"role": "leader", "post": "区政府副区长", "units": ["区政府"], "name": "张建功"},
):
    """A post of a leading group as entered (成员职务)."""

    role: GroupRole = Field(description=choices(GroupRole))
    post: Name = Field(description="职务，按文件写法，在组内不重复", examples=["区政府副区长"])
    units: list[UnitId] = Field(min_length=1, max_length=5, description="职务所在单位", examples=[["区政府"]])
    name: Name | None = Field(default=None, description="现任人员；暂缺的不填", examples=["张建功"])


class GroupIn(
    Body,
    title="领导小组",
    example={
        "title": "某项工作领导小组（示例）",
        "document": "东政办发〔2026〕99号（示例）",
        "office": "领导小组办公室",
        "office_unit": "区住房保障综合服务中心",
        "office_director": "示例甲",
        "members": [
            {"role": "leader", "post": "区政府副区长", "units": ["区政府"], "name": "示例乙"},
            {"role": "member", "post": "区财政局局长", "units": ["区财政局"], "name": None},
        ],
    },
):
    """A leading group as a whole (领导小组)."""

    title: Name = Field(description="名称", examples=["东胜区物业服务全覆盖提品质三年行动工作领导小组"])
    document: Name = Field(description="成立文件的文号", examples=["东政发〔2024〕18号"])
    clause: Annotated[str, AfterValidator(_known_clause)] | None = Field(
        default=None, max_length=20, description="条款目录中的编号；没有的不填", examples=["P-4.1"]
    )
    office: Name = Field(description="办事机构名称", examples=["领导小组办公室"])
    office_unit: UnitId = Field(description="办事机构设在哪个单位", examples=["区住房保障综合服务中心"])
    office_director: Name | None = Field(default=None, description="办公室主任", examples=["张鲁"])
    members: list[GroupMemberIn] = Field(
        min_length=1, max_length=200, description="组长、副组长、成员，按文件次序"
    )

    @classmethod
    def of(cls, told: Any) -> Self:
        """A group from a file. Raises: pydantic.ValidationError."""
        return cls.model_validate_json(json.dumps(told, ensure_ascii=False, default=str))


class GroupMemberOut(Answer, title="领导小组成员信息"):
    """A post of a leading group, with who holds it (成员职务)."""

    id: UUID = Field(description="职务编号，换人不变")
    role: GroupRole = Field(description=choices(GroupRole))
    role_zh: str = Field(description="组内职责", examples=["组长"])
    post: str = Field(description="职务，按文件写法", examples=["区政府副区长"])
    units: list[UnitShown] = Field(description="职务所在单位")
    name: str | None = Field(description="现任人员；暂缺的为空", examples=["张建功"])


class GroupOut(Grounded, title="领导小组信息", clauses=("P-4.1",)):
    """A leading group with its office and posts (领导小组)."""

    id: UUID = Field(description="编号")
    title: str = Field(description="名称", examples=["东胜区物业服务全覆盖提品质三年行动工作领导小组"])
    document: str = Field(description="成立文件的文号", examples=["东政发〔2024〕18号"])
    office: str = Field(description="办事机构名称", examples=["领导小组办公室"])
    office_unit: NamedUnit = Field(description="办事机构设在哪个单位")
    office_director: str | None = Field(description="办公室主任；暂缺的为空", examples=["张鲁"])
    entered_at: LocalTime = Field(description="录入时间")
    changed_at: LocalTime = Field(description="最近修改时间")
    members: list[GroupMemberOut] = Field(description="组长、副组长、成员，按文件次序")
