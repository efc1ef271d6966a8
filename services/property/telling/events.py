"""What the evaluation of companies is told of: projects, duties kept and overdue, findings, overdue requests of citizens."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from kit.events.event import Event
from kit.web.shapes import Answer


class ShareOf(Answer, title="符合情况"):
    """So many of so many."""

    part: int = Field(description="符合的个数")
    whole: int = Field(description="全部个数")


class ProjectHeld(Event, type="property.project.held", title="服务项目在管情况"):
    """A project, who holds it from when to when, and its area."""

    project: UUID = Field(description="服务项目编号")
    name: str = Field(description="服务项目名称")
    kind: Literal["residential", "commercial"] = Field(description="residential 住宅，commercial 商业")
    street: str = Field(description="所在街道（镇）")
    company: UUID = Field(description="在管企业编号")
    begins_on: date = Field(description="开始日期")
    ends_on: date | None = Field(description="最后一天；仍在管的为空")
    area: Decimal | None = Field(description="面积，平方米；未知为空")


class ProjectDropped(Event, type="property.project.dropped", title="服务项目撤销"):
    """A project that was told of was removed from the register."""

    project: UUID = Field(description="服务项目编号")


class CompanyPerformed(Event, type="property.company.performed", title="企业履约情况"):
    """How much of what a company has to keep it keeps."""

    company: UUID = Field(description="企业编号")
    contracts: ShareOf = Field(description="合同已备案的小区")
    disclosure: ShareOf = Field(description="信息公示完整的服务项目")
    drills: ShareOf = Field(description="当年已开展演练和培训的服务项目")


class DutyOverdue(Event, type="property.duty.overdue", title="履职事项逾期"):
    """A company's duty is overdue since the day after its last one."""

    duty: str = Field(description="事项编号")
    clause: str = Field(description="条款编号")
    subject: str = Field(description="履职对象编号")
    name: str = Field(description="履职对象名称")
    uscc: str = Field(description="企业的统一社会信用代码")
    project: UUID | None = Field(description="服务项目编号；对象不是服务项目的为空")
    due_on: date = Field(description="应当完成的最后一天")


class FindingMade(Event, type="property.finding.made", title="检查发现问题"):
    """A joint inspection found something wrong in a compound that a company was in charge of."""

    finding: UUID = Field(description="问题编号")
    compound: UUID = Field(description="小区编号")
    company: UUID = Field(description="当日在管企业编号")
    project: UUID | None = Field(description="小区所在服务项目编号；没有编入的为空")
    kind: str = Field(description="问题种类编码")
    place: str = Field(description="部位")
    found_on: date = Field(description="检查日期")


class FindingWithdrawn(Event, type="property.finding.withdrawn", title="检查问题撤销"):
    """A finding that was told of stands no more, or against no company: the unit found no reason to act, or it was removed."""

    finding: UUID = Field(description="问题编号")


class RequestOverdue(Event, type="property.request.overdue", title="诉求逾期"):
    """A citizen's request about a compound was not answered in time; company: in charge there on the day it was due."""

    request: str = Field(description="诉求编号")
    matter: str = Field(description="事项名称")
    compound: UUID = Field(description="小区编号")
    company: UUID = Field(description="到期当日在管企业编号")
    project: UUID | None = Field(description="小区所在服务项目编号；没有编入的为空")
    due_at: datetime = Field(description="办理时限")
