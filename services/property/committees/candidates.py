"""The lists that an operator loads, and candidates who were checked against them (P-2.1.2a)."""

from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, UniqueConstraint, Uuid, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.personal.kept import PersonName
from kit.web import routes
from kit.web.problems import Conflict, FieldError, Invalid
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, EntryOut, Register
from kit.web.shapes import Body, Name, Text, choices
from services.property.base import Base
from services.property.compounds.work import of_compound
from services.property.entered import Spell, SpellIn, checked, in_order, one_of
from services.property.plan.candidates import EXCLUDING, CandidateList, Post, flags, unchecked


class ListItem(Base, Entry, Spell):
    """An item of a list that candidates are checked against, with the document that it stands in (清单条目)."""

    __tablename__ = "candidate_list_items"
    __table_args__ = (
        one_of("list", CandidateList),
        in_order(),
        UniqueConstraint("list", "number", "begins_on"),
    )
    clauses = ("P-2.1.2a",)

    list: Mapped[str]
    number: Mapped[int]
    text: Mapped[str]
    source: Mapped[str]


class ListItemIn(
    SpellIn,
    title="候选人清单条目",
    example={
        "list": "exclusion",
        "number": 1,
        "text": "按文件原文填写的一条（示例）",
        "source": "文件名称和文号（示例）",
        "begins_on": "2024-01-01",
    },
):
    """An item of a list as an operator loads it (清单条目)."""

    list: CandidateList = Field(description=choices(CandidateList))
    number: int = Field(ge=1, le=99, description="在清单中的序号")
    text: Text = Field(description="条目原文")
    source: Name = Field(description="出处：文件名称和文号")


class Candidate(Base, Entry):
    """A candidate of a compound's committee (业委会委员候选人).

    The arrays hold ids of list items, which stay for ever. None of an excluding list applies to who is registered.
    """

    __tablename__ = "candidates"
    __table_args__ = (
        one_of("post", Post),
        CheckConstraint("cardinality(applies) = 0", name="applies"),
    )
    clauses = ("P-2.1.2a",)

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    person: Mapped[str]
    post: Mapped[str]
    party_member: Mapped[bool]
    preferences: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    cleared: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    applies: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))


class CandidateIn(
    Body,
    title="业委会委员候选人",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "person": "张某某",
        "post": "member",
        "party_member": True,
        "cleared": [],
    },
):
    """A candidate as entered, with what the check against the lists found (候选人)."""

    compound_id: UUID = Field(description="小区编号")
    person: PersonName = Field(min_length=2, description="候选人姓名；加密保存，只显示姓")
    post: Post = Field(description=f"拟任职务：{choices(Post)}")
    party_member: bool = Field(description="是否党员")
    preferences: list[UUID] = Field(default_factory=list, max_length=99, description="符合的“三优先”条目编号")
    cleared: list[UUID] = Field(
        max_length=99,
        description="已核对、不存在其情形的“十不宜”和履职负面清单条目编号，须包括现行的全部条目",
    )
    applies: list[UUID] = Field(
        default_factory=list,
        max_length=99,
        description="存在其情形的“十不宜”和履职负面清单条目编号；有的不能登记",
    )

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        if set(self.cleared) & set(self.applies):
            raise ValueError("同一条目不能既不存在其情形、又存在其情形。")
        return self


class CandidateShown(EntryOut, title="业委会委员候选人登记"):
    """What answers show of a candidate besides: what to look at (候选人)."""

    flags: list[str] = Field(description="提请街道注意的事项，不影响登记；没有的为空列表", examples=[[]])

    @classmethod
    def of(cls, *rows: Any, **more: Any) -> Self:
        """The candidate with what to look at."""
        return super().of(*rows, flags=flags(rows[0].post, party_member=rows[0].party_member), **more)


async def _check(context: Context, body: CandidateIn, _row: Candidate | None) -> None:
    """Refuse who was not checked against every item in force, and to whom one of an excluding list applies.

    Raises: Conflict where no list was loaded, or an item applies; Invalid naming items that were not checked.
    """
    items = {
        item.id: item
        for item in await context.session.scalars(select(ListItem).where(ListItem.on(context.today)))
    }
    excluding = {id for id, item in items.items() if item.list in EXCLUDING}
    if not excluding:
        raise Conflict(
            "no-candidate-list",
            "还没有录入“十不宜”或履职负面清单，请先由区级单位录入。",
            clauses=Candidate.clauses,
        )
    if missing := unchecked(excluding, body.cleared, body.applies):
        raise Invalid(
            "not-checked",
            "候选人没有核对现行清单的全部条目，请逐条核对后登记。",
            errors=[
                FieldError(pointer="/cleared", reason=_named(items[id])) for id in items if id in missing
            ],
            clauses=Candidate.clauses,
        )
    preferred = {id for id, item in items.items() if item.list == CandidateList.PREFERENCE}
    _refuse_unknown("cleared", body.cleared, excluding)
    _refuse_unknown("applies", body.applies, excluding)
    _refuse_unknown("preferences", body.preferences, preferred)
    if body.applies:
        raise Conflict(
            "candidate-excluded",
            "候选人存在清单所列的情形，不能登记为候选人。",
            errors=[
                FieldError(pointer=f"/applies/{place}", reason=_named(items[id]))
                for place, id in enumerate(body.applies)
            ],
            clauses=Candidate.clauses,
        )


def _refuse_unknown(field: str, given: list[UUID], known: set[UUID]) -> None:
    if unknown := [place for place, id in enumerate(given) if id not in known]:
        raise Invalid(
            "unknown-reference",
            "填写的编号不是现行清单中相应的条目，请核对编号。",
            errors=[FieldError(pointer=f"/{field}/{place}", reason="没有这个条目") for place in unknown],
        )


def _named(item: ListItem) -> str:
    return f"{CandidateList(item.list).zh}第 {item.number} 条：{item.text}（{item.source}）"


LIST_ITEMS = Register(
    "candidate-list-items",
    "候选人清单条目",
    ListItem,
    ListItemIn,
    about="业委会委员候选人“三优先”“十不宜”和履职负面清单的条目，由区级单位按文件原文录入，注明出处；"
    "登记过的不删除，不再适用的登记最后一天。",
    filters=("list",),
    search="text",
    removable=None,
)
CANDIDATES = Register(
    "candidates",
    "业委会委员候选人",
    Candidate,
    CandidateIn,
    about="登记前逐条核对“十不宜”和履职负面清单，存在其情形的不能登记；主任候选人不是党员的提请注意，不拒绝。",
    shown=CandidateShown,
    filters=("compound_id", "post"),
    search=None,
    check=checked(then=_check),
    belongs=of_compound(Candidate.compound_id),
)

router = routes.router("业委会委员候选人")
add_register(router, "property", LIST_ITEMS)
add_register(router, "property", CANDIDATES)
