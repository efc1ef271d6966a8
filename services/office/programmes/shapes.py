"""Shapes of programmes, their stages and measures, and of progress reports (P-4.2, T-3, T-5)."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from kit.district.citations import cite
from kit.district.clock import Day, LocalTime
from kit.district.named_units import NamedUnit, UnitId, UnitShown, named
from kit.district.periods import Month
from kit.web.course import CourseStepOut
from kit.web.shapes import Answer, Body, Grounded, Name, Text
from services.office.programmes.models import Measure, Programme, ProgressReport, Responsibility

StageState = Literal["planned", "open", "closed"]
_STATES = "planned 尚未启动，open 正在进行，closed 已经结束"


def _link(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if scheme.lower() not in ("http", "https") or not separator or not rest or any(map(str.isspace, url)):
        raise ValueError("应当是网页地址，以 http:// 或 https:// 开头，不含空格。")
    return url


class ProofIn(
    Body,
    title="进展佐证",
    example={"title": "联合检查通报", "url": "https://example.com/notice/1", "note": None},
):
    """What shows that progress was made (佐证): a link, or a note of where it is kept."""

    title: Name = Field(description="名称")
    url: Annotated[str, Field(max_length=2000), AfterValidator(_link)] | None = Field(
        default=None, description="网页地址；没有的不填", examples=["https://example.com/notice/1"]
    )
    note: Text | None = Field(
        default=None, description="说明，例如存放地点；没有的不填", examples=["存档于区物业办"]
    )


class ProofOut(Answer, title="进展佐证情况"):
    """What shows that progress was made (佐证)."""

    title: str = Field(description="名称")
    url: str | None = Field(description="网页地址；没有的为空", examples=["https://example.com/notice/1"])
    note: str | None = Field(description="说明；没有的为空", examples=["存档于区物业办"])


Evidence = Annotated[list[ProofIn], Field(default_factory=list, max_length=20, description="佐证，可以不填")]


class StageOut(Grounded, title="专项工作阶段"):
    """A stage of a programme (阶段)."""

    number: int = Field(description="第几阶段")
    name: str = Field(description="阶段名称", examples=["组织实施阶段"])
    written_at: str = Field(description="在文件中的位置", examples=["三(二)"])
    begins: Month | None = Field(description="开始的月份；文件没有写明的为空")
    ends: Month | None = Field(description="结束的月份；文件没有写明的为空")
    tasks: list[str] = Field(description="主要工作，按文件概括", examples=[["细化并量化任务"]])
    assesses: bool = Field(description="自查评估是否在这个阶段进行")
    corrects: bool = Field(description="整改是否在这个阶段进行")
    state: StageState = Field(description=f"状态：{_STATES}")
    opened_on: date | None = Field(description="启动日期；没有启动的为空")
    closed_on: date | None = Field(description="结束日期；没有结束的为空")


class StageWithSteps(StageOut, title="专项工作阶段及办理过程"):
    """A stage with what was done (阶段)."""

    allowed: list[str] = Field(description="您目前可做的操作", examples=[["close"]])
    steps: list[CourseStepOut] = Field(description="办理过程")


class ProgrammeOut(Grounded, title="专项工作"):
    """A programme (专项工作) with its stages."""

    id: str = Field(description="专项工作编号", examples=["property-three-year"])
    title: str = Field(description="名称", examples=["东胜区物业服务全覆盖提品质三年行动"])
    document: str = Field(description="发文字号", examples=["东政发〔2024〕18号"])
    issued_on: date = Field(description="印发日期")
    lead: UnitShown = Field(description="牵头单位")
    lead_at: str = Field(description="牵头单位见于文件何处", examples=["四(一)"])
    stages: list[StageOut] = Field(description="各阶段，按先后")

    @classmethod
    def shown(cls, row: Programme) -> Self:
        """A programme, each of whose stages rests on a clause of its own."""
        return cls.of(row, stages=[StageOut.of(stage) for stage in row.stages])


class PrintedOut(NamedUnit, title="文件列出的责任单位"):
    """A responsible unit as a document prints it (责任单位)."""

    written: str = Field(description="文件中的写法", examples=["各街道"])
    because: str | None = Field(
        description="统称指哪些单位、为什么；不是统称的为空", examples=["按全部街道计"]
    )


class MeasureOut(Grounded, title="专项工作措施"):
    """A measure of a programme (措施)."""

    programme_id: str = Field(description="专项工作编号", examples=["property-three-year"])
    number: str = Field(description="措施编号", examples=["2.2.3"])
    chapter: str = Field(description="所在一章的序号", examples=["2"])
    chapter_title: str = Field(description="所在一章的标题", examples=["夯实物业管理服务基础"])
    written_at: str = Field(description="在文件中的位置", examples=["二(二)3"])
    title: str = Field(description="措施，按文件概括", examples=["小区季度联合执法检查和物业案件快审"])
    printed: list[PrintedOut] = Field(description="责任单位，按文件的写法和次序")

    @classmethod
    def shown(cls, row: Measure) -> Self:
        """A measure, whose responsible units are shown with their names too."""
        printed = [
            PrintedOut(**named(each["unit"]).model_dump(), written=each["written"], because=each["because"])
            for each in row.printed
        ]
        return cls.of(row, printed=printed, basis=cite(*row.clauses))


class HeldIn(
    Body,
    title="增加责任单位",
    example={"unit": "区住建局", "since": "2024-06-24", "reason": "区政府督查室明确为联席会议成员"},
):
    """A unit that a measure is to hold responsible (责任单位)."""

    unit: UnitId = Field(description="单位，编号或名称")
    since: Day = Field(description="自哪一天起：这一天及以后到期的报告由其报送")
    reason: Text = Field(description="理由")


class ReleaseIn(
    Body, title="免除责任单位", example={"until": "2024-06-24", "reason": "该镇没有实行物业管理的住宅小区"}
):
    """How a unit that a document does not name itself is released (免除)."""

    until: Day = Field(description="到哪一天为止：此后到期的报告不再由其报送；早于开始的日期，表示自始不计")
    reason: Text = Field(description="理由")


class HeldOut(Answer, title="负责措施的单位"):
    """A unit that a measure holds responsible (责任单位), words for several taken apart."""

    unit: UnitShown = Field(description="责任单位")
    written: str = Field(description="按文件中的哪一写法计入", examples=["各街道"])
    by_name: bool = Field(description="是否文件点名；点名的不能免除")
    since: date = Field(description="自哪一天起负责")
    entered_for: str | None = Field(
        description="文件以外增加的理由；文件列出的为空", examples=["区政府督查室明确为联席会议成员"]
    )
    until: date | None = Field(description="负责到哪一天；没有免除的为空")
    released_for: str | None = Field(
        description="免除的理由；没有免除的为空", examples=["该镇没有实行物业管理的住宅小区"]
    )


class ReportIn(
    Body,
    title="进展报告",
    example={
        "programme_id": "property-three-year",
        "measure": "2.2.5",
        "text": "本季度全部小区已开展联合执法检查，整改问题 12 件。",
        "as_of": "2024-06-24",
        "due_on": None,
        "stage": None,
        "share": 60,
        "evidence": [{"title": "联合检查通报", "url": "https://example.com/notice/1", "note": None}],
    },
):
    """What a unit reports on a measure (进展报告)."""

    programme_id: str = Field(max_length=60, description="专项工作编号", examples=["property-three-year"])
    measure: str = Field(max_length=20, description="措施编号", examples=["2.2.3"])
    text: Text = Field(description="进展情况")
    as_of: Day = Field(description="情况截至哪一天；不能晚于今天")
    due_on: Day | None = Field(
        default=None,
        description="所报的是哪一天到期的报告，见应报事项；不填为平时进展，不算报送了到期的报告",
        examples=["2024-06-30"],
    )
    stage: int | None = Field(
        default=None, ge=1, description="所属阶段；不填为正在进行的最后一个阶段", examples=[2]
    )
    share: int | None = Field(
        default=None, ge=0, le=100, description="完成的百分比，0 到 100；不便估计的不填", examples=[60]
    )
    evidence: Evidence


class ReportOut(Grounded, title="进展报告情况"):
    """A progress report as it was taken in (进展报告)."""

    id: UUID = Field(description="进展报告编号")
    programme_id: str = Field(description="专项工作编号", examples=["property-three-year"])
    measure: str = Field(description="措施编号", examples=["2.2.3"])
    unit: UnitShown = Field(description="报告单位")
    stage: int = Field(description="所属阶段")
    due_on: date | None = Field(description="所报的是哪一天到期的报告；平时进展为空")
    as_of: date = Field(description="情况截至哪一天")
    text: str = Field(description="进展情况", examples=["本季度全部小区已开展联合执法检查"])
    share: int | None = Field(description="完成的百分比；没有填写的为空", examples=[60])
    evidence: list[ProofOut] = Field(description="佐证")
    received_at: LocalTime = Field(description="收到时间")
    withdrawn_at: LocalTime | None = Field(description="撤回时间；没有撤回的为空")
    withdrawn_for: str | None = Field(description="撤回的理由；没有撤回的为空", examples=["数据有误"])

    @classmethod
    def shown(cls, row: ProgressReport) -> Self:
        """A report; it rests on the clause of reports of its programme."""
        return cls.of(row, basis=cite(clause_of(row.programme_id)))


def clause_of(programme: str) -> str:
    """The clause that reports on a programme's measures rest on."""
    return "T-5" if programme == "traditional-medicine" else "P-4.2"


class ReasonIn(Body, title="撤回理由", example={"reason": "数据有误，另行报送"}):
    """Why something is taken back (撤回理由)."""

    reason: Text = Field(description="理由")


def held(row: Responsibility) -> HeldOut:
    """A responsible unit as it is shown."""
    return HeldOut.of(row)
