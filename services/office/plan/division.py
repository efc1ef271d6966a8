"""A document on the division of work among the leaders (领导工作分工): as it is handed in, and what in it does not fit; pure.

One document says of every leader the post, the fields, whom the leader assists, and the units, in the printed order, and at
its end who acts for whom (D-1, D-2, D-3).
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, ValidationInfo, field_validator

from kit.district import units
from kit.district.clock import Day
from kit.web.shapes import Body, Choice, Name, Text

#: How a leader is known across documents; a name alone may be two people's.
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Fields = Annotated[list[Name], Field(max_length=60)]


class Relation(Choice):
    """What a leader is to a unit (与单位的关系)."""

    CHARGE = "charge", "分管"
    HELP = "help", "协助分管"
    CONTACT = "contact", "联系"
    PRESIDE = "preside", "主持工作"


def unit_written(text: str, scope: str | None) -> str | None:
    """The id of the unit that a document names so, with a scope in its brackets or without; None where there is none."""
    found = units.resolve(text)
    if found is None and scope is not None:
        found = units.resolve(text.removesuffix(f"（{scope}）").removesuffix(f"({scope})"))
    return found.id if found else None


class UnitOfLeader(
    Body, title="分工文件中的单位", example={"unit": "区市场监督管理局（医药）", "scope": "医药"}
):
    """A unit as a document names it, with what the document limits it to (分工单位)."""

    scope: Name | None = Field(
        default=None, description="文件用括号限定的范围；没有限定时不填", examples=["医药"]
    )
    unit: Name = Field(
        description="单位，按文件中的写法，也可填单位编号", examples=["区市场监督管理局（医药）"]
    )

    @field_validator("unit")
    @classmethod
    def _known(cls, text: str, info: ValidationInfo) -> str:
        if unit_written(text, info.data.get("scope")) is None and all(
            each.id != text for each in units.units()
        ):
            raise ValueError(f"没有名为“{text}”的单位，请核对文件中的写法；文件限定的范围另填。")
        return text

    @property
    def unit_id(self) -> str:
        """The canonical unit."""
        return unit_written(self.unit, self.scope) or self.unit


class HelpedUnit(UnitOfLeader, title="协助分管的单位", example={"unit": "区审计局", "leader": "han-tao"}):
    """A unit that a leader helps another to be in charge of (协助分管单位)."""

    leader: Slug = Field(description="协助哪位领导，填领导代号", examples=["han-tao"])


class Assisted(Body, title="协助的领导", example={"leader": "gao-ming", "fields": ["口岸"]}):
    """Whom a leader assists besides the head, and in what (协助对象)."""

    leader: Slug = Field(description="领导代号", examples=["gao-ming"])
    fields: Fields = Field(default=[], description="协助的工作；不填为其全部工作", examples=[["口岸"]])


class LeaderInDivision(
    Body,
    title="领导分工",
    example={"leader": "gao-ming", "name": "高明", "post": "区委常委、副区长", "fields": ["应急管理"]},
):
    """A leader in a document: the post as printed, fields and units (领导分工)."""

    leader: Slug = Field(description="领导代号，跨文件不变", examples=["gao-ming"])
    name: Name = Field(description="姓名", examples=["高明"])
    post: Name = Field(description="职务，按文件写法", examples=["区委常委、副区长"])
    directs_all: bool = Field(default=False, description="是否主持区人民政府全面工作")
    fields: Fields = Field(
        default=[],
        description="负责的工作；主持全面工作的以外都是协助区长负责",
        examples=[["应急管理", "统计"]],
    )
    assists: list[Assisted] = Field(default=[], max_length=20, description="另外协助哪些领导")
    in_charge: list[UnitOfLeader] = Field(default=[], max_length=100, description="分管的单位，按文件次序")
    helps: list[HelpedUnit] = Field(default=[], max_length=100, description="协助分管的单位")
    in_contact: list[UnitOfLeader] = Field(default=[], max_length=100, description="联系的单位，按文件次序")
    presides: list[UnitOfLeader] = Field(default=[], max_length=10, description="主持工作的单位")

    @property
    def ties(self) -> Iterator[tuple[Relation, str, UnitOfLeader]]:
        """Every unit of the leader: relation, name of the field that holds it, unit."""
        for relation, field in TIES.items():
            for each in getattr(self, field):
                yield relation, field, each


#: The fields of a leader that hold units, by what they say.
TIES = {
    Relation.CHARGE: "in_charge",
    Relation.HELP: "helps",
    Relation.CONTACT: "in_contact",
    Relation.PRESIDE: "presides",
}


class PairOfLeaders(Body, title="AB角", example={"one": "du-juan", "other": "gao-ming"}):
    """Two leaders who act for one another (AB角)."""

    one: Slug = Field(description="一方的领导代号", examples=["du-juan"])
    other: Slug = Field(description="另一方的领导代号", examples=["gao-ming"])


class DivisionIn(
    Body,
    title="领导工作分工文件",
    example={
        "number": "东政办发〔2026〕99号",
        "title": "关于区政府领导工作分工的通知（示例）",
        "effective_on": "2026-12-01",
        "source": "区政府网站政策文件栏目",
        "leaders": [
            {
                "leader": "example-head",
                "name": "示例甲",
                "post": "区长",
                "directs_all": True,
                "fields": ["审计"],
            },
            {
                "leader": "example-deputy",
                "name": "示例乙",
                "post": "副区长",
                "fields": ["应急管理"],
                "in_charge": [{"unit": "区应急管理局（区矿山安全监管局）"}],
            },
            {
                "leader": "example-other",
                "name": "示例丙",
                "post": "副区长",
                "assists": [{"leader": "example-deputy", "fields": ["森林草原防火"]}],
                "in_contact": [{"unit": "区气象局"}],
            },
        ],
        "pairs": [{"one": "example-deputy", "other": "example-other"}],
    },
):
    """A division document as a whole (领导工作分工文件)."""

    number: Name = Field(description="发文字号", examples=["东政办发〔2024〕29号"])
    title: Name = Field(
        description="文件名称", examples=["鄂尔多斯市东胜区人民政府办公室关于区政府领导工作分工的通知"]
    )
    effective_on: Day = Field(description="自哪一天起施行", examples=["2024-06-07"])
    source: Text = Field(description="文本出处", examples=["区政府公报"])
    leaders: list[LeaderInDivision] = Field(min_length=1, max_length=60, description="各位领导，按文件次序")
    pairs: list[PairOfLeaders] = Field(default=[], max_length=60, description="AB角，按文件次序")

    @classmethod
    def of(cls, told: Any) -> Self:
        """A document from a file, in which a unit may be a name alone. Raises: pydantic.ValidationError."""
        for leader in told["leaders"]:
            for field in TIES.values():
                if field in leader:
                    leader[field] = [{"unit": x} if isinstance(x, str) else x for x in leader[field]]
        return cls.model_validate_json(json.dumps(told, ensure_ascii=False, default=str))


def inconsistencies(division: DivisionIn) -> list[tuple[str, str]]:
    """What in a document does not fit together: (JSON pointer, Chinese reason), all at once (D-1, D-2)."""
    return [*_heads(division), *_twice(division), *_nobodies(division), *_pairs(division)]


def _heads(division: DivisionIn) -> Iterator[tuple[str, str]]:
    heads = sum(each.directs_all for each in division.leaders)
    if heads != 1:
        yield "/leaders", f"主持全面工作的应当正好一位，现有 {heads} 位"


def _twice(division: DivisionIn) -> Iterator[tuple[str, str]]:
    for field, what in (("leader", "领导代号"), ("name", "姓名")):
        seen = Counter[str]()
        for number, each in enumerate(division.leaders):
            value = getattr(each, field)
            seen[value] += 1
            if seen[value] > 1:
                yield f"/leaders/{number}/{field}", f"{what}与前面的重复"
    for number, each in enumerate(division.leaders):
        ties = Counter[tuple[str, str, str | None]]()
        places = Counter[str]()
        for _, field, tie in each.ties:
            key = (field, tie.unit_id, tie.scope)
            ties[key] += 1
            if ties[key] > 1:
                yield f"/leaders/{number}/{field}/{places[field]}/unit", "同一位领导的同一单位写了两次"
            places[field] += 1


def _nobodies(division: DivisionIn) -> Iterator[tuple[str, str]]:
    known = {each.leader for each in division.leaders}
    for number, each in enumerate(division.leaders):
        for field in ("assists", "helps"):
            named: Sequence[Assisted | HelpedUnit] = getattr(each, field)
            for place, other in enumerate(named):
                pointer = f"/leaders/{number}/{field}/{place}/leader"
                if other.leader not in known:
                    yield pointer, "本文件没有这位领导"
                elif other.leader == each.leader:
                    yield pointer, "不能协助自己"


def _pairs(division: DivisionIn) -> Iterator[tuple[str, str]]:
    known = {each.leader for each in division.leaders}
    seen: set[frozenset[str]] = set()
    for number, pair in enumerate(division.pairs):
        for side in ("one", "other"):
            if getattr(pair, side) not in known:
                yield f"/pairs/{number}/{side}", "本文件没有这位领导"
        both = frozenset((pair.one, pair.other))
        if len(both) == 1:
            yield f"/pairs/{number}/other", "不能与自己互为AB角"
        elif both in seen:
            yield f"/pairs/{number}", "这一对AB角写了两次"
        seen.add(both)
