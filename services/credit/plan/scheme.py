"""An evaluation scheme (评价方案): what a company is evaluated by, as data that is checked as a whole; pure (P-2.3.2a)."""

import json
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, field_serializer

from kit.district.clock import Day
from kit.web.shapes import Body, Choice, Name, Text, choices

#: Points and areas: exact, never a float.
Points = Annotated[Decimal, Field(ge=0, le=100_000, max_digits=10, decimal_places=4)]
Code = Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$")]
Months = Annotated[int, Field(ge=0, le=120)]
Workdays = Annotated[int, Field(ge=1, le=60)]


class Kind(Choice):
    """What an item adds or takes away (信用信息类别)."""

    BASE = "base", "基础信息"
    GOOD = "good", "优良信息"
    BAD = "bad", "不良信息"
    SERIOUS = "serious", "严重不良信息"


class Measure(Choice):
    """How points come about (计分方式)."""

    GIVEN = "given", "按给定分值，未给定的按标准分值"
    UNITS = "units", "按数量乘以单位分值"
    SHARE = "share", "按比例乘以最高分值"


class Source(Choice):
    """Where credit information comes from (信息来源), the first four being the plan's own (P-2.3.2a)."""

    PERFORMANCE = "performance", "合同履行"
    COMPLAINT = "complaint", "投诉处理"
    INSPECTION = "inspection", "日常检查"
    OPINION = "opinion", "街道（社区）意见"
    PENALTY = "penalty", "行政处罚"
    COURT = "court", "法院"
    HONOUR = "honour", "表彰"
    COMPANY = "company", "企业申报"


class Recorder(Choice):
    """Who enters credit information (采集单位)."""

    CENTRE = "centre", "区住房保障综合服务中心"
    STREET = "street", "街道（镇）"
    DEPARTMENT = "department", "部门"
    COURT = "court", "区人民法院"
    SYSTEM = "system", "系统自动采集"


class Validity(Choice):
    """How long information counts (有效期方式)."""

    MONTHS = "months", "自行为日期起的月数"
    PUT_RIGHT = "put_right", "到整改为止，且不短于最短期限"
    LISTED = "listed", "列入期间"
    STANDING = "standing", "到有新的同项信息为止"


class Severity(Choice):
    """The class that the rules of repair go by (失信程度)."""

    MINOR = "minor", "轻微"
    GENERAL = "general", "一般"
    SERIOUS = "serious", "严重"


#: What an event of another service stands for.
FromEvent = Literal[
    "contract_unfiled",
    "board_incomplete",
    "drill_not_held",
    "finding",
    "request_overdue",
    "complaint_confirmed",
    "accident_with_casualties",
    "accident_without_casualties",
]


class Cap(Body, title="封顶"):
    """The most that an item counts (封顶)."""

    points: Points = Field(description="最多计多少分")
    per: Literal["item", "project", "quarter"] = Field(
        description="item 该项合计，project 每个服务项目，quarter 每个季度"
    )


class Item(Body, title="评价项目"):
    """What is evaluated, and how (评价项目)."""

    code: Code = Field(description="编码", examples=["N11"])
    name: Name = Field(description="名称", examples=["检查发现问题，每处"])
    kind: Kind = Field(description=choices(Kind))
    measure: Measure = Field(default=Measure.GIVEN, description=choices(Measure))
    least: Points = Field(description="最低分值；扣分项也填正数")
    most: Points = Field(description="最高分值")
    steps: list[Points] = Field(default=[], description="只可取的分值；不填为范围内任意")
    usual: Points = Field(description="标准分值；按数量的为每单位分值")
    cap: Cap | None = Field(default=None, description="封顶；没有的为空")
    group: Name | None = Field(default=None, description="所属合并封顶的组；没有的为空", examples=["honours"])
    source: Source = Field(description=f"信息来源：{choices(Source)}")
    recorders: list[Recorder] = Field(min_length=1, description=f"可以采集的单位：{choices(Recorder)}")
    evidence: bool = Field(default=True, description="是否须有佐证")
    validity: Validity = Field(description=choices(Validity))
    months: Months | None = Field(default=None, description="有效月数；validity 为 months 的必填")
    severity: Severity | None = Field(
        default=None, description=f"失信程度，信用修复按此计算：{choices(Severity)}；基础和优良信息为空"
    )
    veto: bool = Field(default=False, description="有效期间是否直接定为最低等级")
    from_register: Literal["contracts", "disclosure", "drills"] | None = Field(
        default=None,
        description="由物业服务的登记计算：contracts 合同备案，disclosure 信息公示，drills 演练和培训；其他为空",
    )
    from_event: FromEvent | None = Field(
        default=None,
        description="由物业服务和应急指挥的事件自动登记：contract_unfiled 合同逾期未备案，board_incomplete 公示不完整，"
        "drill_not_held 未开展演练培训，finding 联合检查发现问题，request_overdue 诉求逾期未办，"
        "complaint_confirmed 投诉认定属实，"
        "accident_with_casualties 负有责任的事故有人员伤亡，accident_without_casualties 负有责任的事故没有人员伤亡；其他为空",
    )
    basis: Text = Field(description="分值的出处；本系统自定的写明“本系统自定”")


class Band(Body, title="信用等级"):
    """A grade and the scores that it is of (信用等级)."""

    grade: str = Field(min_length=1, max_length=20, description="等级", examples=["AAA"])
    at_least: Decimal | None = Field(default=None, description="最低分，含；没有下限的为空", examples=["85"])
    below: Decimal | None = Field(default=None, description="上限，不含；没有上限的为空", examples=["90"])
    when: Literal["any", "with_bad", "without_bad"] = Field(
        default="any", description="any 不限，with_bad 有不良信息的，without_bad 没有不良信息的"
    )


class Limits(Body, title="合计封顶"):
    """The most that the items of a kind count together (合计封顶)."""

    base: Points | None = Field(default=None, description="基础信息；不封顶的为空")
    good: Points | None = Field(default=None, description="优良信息；不封顶的为空")
    bad: Points | None = Field(default=None, description="不良信息；不封顶的为空")


class Lists(Body, title="红黑榜条件"):
    """Who is on the red and who on the black list (红黑榜)."""

    red: list[str] = Field(min_length=1, description="列入红榜的等级；有严重不良信息的不列入")
    black: list[str] = Field(min_length=1, description="列入黑榜的等级")
    serious_is_black: bool = Field(description="有严重不良信息的是否列入黑榜")
    repaired_year_counts: bool = Field(description="已经信用修复的黑榜年度，是否仍计入连续两年；默认计入")


class Periods(Body, title="期限"):
    """Periods of an evaluation in working days (期限)."""

    objection: Workdays = Field(description="公示和提出异议的期限，工作日")
    decision: Workdays = Field(description="异议的处理期限，工作日")
    repair_check: Workdays = Field(description="信用修复申请的审核期限，工作日")
    publicity: Workdays = Field(description="红黑榜公布前的公示期，工作日")


class RepairRule(Body, title="信用修复期限"):
    """When information may be repaired, and how long it is public at most (信用修复)."""

    after: Months = Field(description="最短公示月数，满后可以申请修复")
    public: Months = Field(description="最长公示月数")


class Repair(Body, title="信用修复"):
    """The periods of repair by how grave information is (信用修复)."""

    minor: RepairRule = Field(description="轻微")
    general: RepairRule = Field(description="一般")
    serious: RepairRule = Field(description="严重")


class AwardRule(Body, title="奖补规则"):
    """What the award fund is and who is eligible (P-2.3.5a)."""

    fund: Decimal = Field(gt=0, max_digits=14, decimal_places=2, description="每年资金，元")
    first_year: int = Field(ge=2024, le=2100, description="第一个年度")
    years: int = Field(ge=1, le=10, description="连续几年")
    grades: list[str] = Field(min_length=1, description="信用等级高，指这些等级")


_ITEM = {
    "least": "0",
    "most": "80",
    "usual": "80",
    "source": "performance",
    "recorders": ["centre"],
    "basis": "示例",
}
_EXAMPLE = {
    "code": "example-2030-1",
    "title": "示例方案（虚构）",
    "note": "只有两个项目的示例，不用于评价",
    "effective_from": "2030-01-01",
    "limits": {"base": "80", "good": "40"},
    "aggregation": "area",
    "items": [
        {"code": "B01", "name": "基础信息", "kind": "base", "validity": "standing", **_ITEM},
        {
            "code": "N01",
            "name": "不良信息",
            "kind": "bad",
            "validity": "months",
            "months": 12,
            "severity": "general",
            **_ITEM,
        },
    ],
    "bands": [{"grade": "A", "at_least": "60"}, {"grade": "C", "below": "60"}],
    "veto_grade": "C",
    "absent_grade": "C（缺失）",
    "lists": {"red": ["A"], "black": ["C"], "serious_is_black": True, "repaired_year_counts": True},
    "periods": {"objection": 5, "decision": 10, "repair_check": 5, "publicity": 5},
    "repair": {
        "minor": {"after": 0, "public": 3},
        "general": {"after": 3, "public": 12},
        "serious": {"after": 12, "public": 36},
    },
    "award": {"fund": "3000000.00", "first_year": 2030, "years": 3, "grades": ["A"]},
}


class Scheme(Body, title="评价方案内容", example=_EXAMPLE):
    """A scheme under its code, in force from a day on (评价方案)."""

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$", description="编号", examples=["default-2026-1"])
    title: Name = Field(description="名称")
    note: Text = Field(description="说明，包括是否为默认方案")
    effective_from: Day = Field(description="自这一天起施行")
    start: Points = Field(default=Decimal(0), description="起评分")
    limits: Limits = Field(description="合计封顶")
    groups: dict[str, Points] = Field(default_factory=dict, description="合并封顶的组和最多计的分")
    aggregation: Literal["area", "mean"] = Field(
        description="项目上的不良信息计入企业的方法：area 按面积比例，mean 按项目数平均"
    )
    serious_in_full: bool = Field(default=True, description="严重不良信息是否不折算、全额计入企业")
    items: list[Item] = Field(min_length=1, max_length=500, description="评价项目")
    bands: list[Band] = Field(min_length=1, max_length=20, description="信用等级，自高到低")
    veto_grade: str = Field(min_length=1, max_length=20, description="直接认定的等级", examples=["C"])
    absent_grade: str = Field(
        min_length=1, max_length=20, description="没有基础信息、未参加评价的等级", examples=["C（缺失）"]
    )
    lists: Lists = Field(description="红黑榜条件")
    periods: Periods = Field(description="期限")
    repair: Repair = Field(description="信用修复")
    award: AwardRule = Field(description="以奖代补")
    places: int = Field(default=2, ge=0, le=4, description="得分保留的小数位数，四舍五入一次")

    @field_serializer("start", "groups", when_used="json")
    def _as_text(self, value: object) -> object:
        return {key: str(each) for key, each in value.items()} if isinstance(value, dict) else str(value)

    def __hash__(self) -> int:
        """By its code, since it never changes: what is made of a scheme can be kept."""
        return hash(self.code)

    def item(self, code: str) -> Item | None:
        """The item with a code."""
        return next((each for each in self.items if each.code == code), None)

    @property
    def grades(self) -> list[str]:
        """The grades from the best to the worst."""
        return list(dict.fromkeys(each.grade for each in self.bands))

    @property
    def award_years(self) -> range:
        """The years in which the fund is set up (P-2.3.5a)."""
        return range(self.award.first_year, self.award.first_year + self.award.years)

    @classmethod
    def of(cls, told: object) -> Self:
        """A scheme as a file or a row tells it, in plain types. Raises: pydantic.ValidationError."""
        return cls.model_validate_json(json.dumps(told, ensure_ascii=False, default=str))
