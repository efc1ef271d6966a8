"""What the study system asks of a yearly plan."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, Protocol, TypeAlias

from kit.district import units as canon
from kit.district.periods import Month
from kit.district.units import Kind

#: A year has at least so many special lectures (L-3b).
LECTURES_A_YEAR: Final = 2
#: Kinds of content, numbered as in the study system (L-5).
CATEGORIES: Final = range(1, 8)


#: How a topic is studied (L-3a, L-3b), and what it is called.
Form = Literal["pre_meeting", "lecture"]
FORMS: Final[dict[Form, str]] = {"pre_meeting": "会前学法", "lecture": "专题讲座"}

#: Topics by form.
Counted: TypeAlias = Counter[Form]


class Drafted(Protocol):
    """What is asked of a topic that is to be approved; title_key: the title's normal form."""

    @property
    def form(self) -> Form: ...
    @property
    def title_key(self) -> str: ...
    @property
    def month(self) -> Month | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def category_number(self) -> int | None: ...
    @property
    def category_reason(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a plan cannot stand, in Chinese, the clause that says so, and the place in the plan as a JSON pointer."""

    sentence: str
    clause: str
    pointer: str = "/topics"


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan that is to be approved: its topics in order, and the months without pre-meeting study with the reason."""

    year: int
    topics: Sequence[Drafted]
    exceptions: Mapping[Month, str]


def breaches(draft: Draft, approved_on: date) -> tuple[Objection, ...]:
    """Everything that stands against approving a plan on a day; nothing where it may be approved (L-3a, L-3b, L-5, L-7a).

    Months that are over by then are not asked for: the plan of 2024, of 30 May, begins with May.
    """
    return (
        *objections(topic.form for topic in draft.topics),
        *_uncovered_months(draft, approved_on),
        *_needless_exceptions(draft),
        *(found for place, topic in enumerate(draft.topics) for found in _of_topic(topic, place, draft.year)),
        *_twice(draft.topics),
    )


def objections(forms: Iterable[Form]) -> tuple[Objection, ...]:
    """What stands against a plan whose topics have these forms; nothing where it may be approved (L-3b)."""
    lectures = Counter(forms)["lecture"]
    if lectures >= LECTURES_A_YEAR:
        return ()
    sentence = f"一年至少安排 {LECTURES_A_YEAR} 次专题讲座，计划中只有 {lectures} 次，请补充。"
    return (Objection(sentence, "L-3b"),)


def months_asked_for(year: int, approved_on: date) -> list[Month]:
    """The months that a plan approved on a day has to cover: from that month on, or the whole of a year to come (L-3a)."""
    return [month for month in months_of(year) if month >= Month.of(approved_on)]


def _uncovered_months(draft: Draft, approved_on: date) -> Iterator[Objection]:
    covered = {topic.month for topic in draft.topics if topic.form == "pre_meeting"} | draft.exceptions.keys()
    for month in months_asked_for(draft.year, approved_on):
        if month not in covered:
            sentence = f"{month.year}年{month.month}月没有会前学法，请安排主题，或者写明这个月不安排的原因。"
            yield Objection(sentence, "L-3a", "/exceptions")


def _needless_exceptions(draft: Draft) -> Iterator[Objection]:
    """Months that are said to have no study, and lie in another year or have one."""
    studied = {topic.month for topic in draft.topics if topic.form == "pre_meeting"}
    for place, month in enumerate(sorted(draft.exceptions)):
        pointer = f"/exceptions/{place}/month"
        if month.year != draft.year:
            yield Objection(f"{month}不在{draft.year}年，请删去。", "L-3a", pointer)
        elif month in studied:
            sentence = f"{month.year}年{month.month}月已安排会前学法，又写明不安排，请保留其中一项。"
            yield Objection(sentence, "L-3a", pointer)


#: What answers for a topic: departments and the units beside them, no street, no collective.
_ANSWERING: Final = frozenset((Kind.DEPARTMENT, Kind.PARTY, Kind.INSTITUTION, Kind.JUDICIAL, Kind.VERTICAL))


def _of_topic(topic: Drafted, place: int, year: int) -> Iterator[Objection]:
    pointer = f"/topics/{place}"
    if topic.form == "pre_meeting" and topic.month is None:
        yield Objection("会前学法没有计划学习的月份，请填写。", "L-7a", f"{pointer}/month")
    if topic.form == "pre_meeting" and topic.unit is None:
        yield Objection("会前学法没有责任部门，请填写。", "L-7a", f"{pointer}/department")
    if topic.unit is not None and (unit := canon.unit(topic.unit)).kind not in _ANSWERING:
        yield Objection(f"{unit.name}不是部门，不能作为责任部门，请更换。", "L-7a", f"{pointer}/department")
    if topic.month is not None and topic.month.year != year:
        yield Objection(f"{topic.month}不在{year}年，请改为当年的月份。", "L-6", f"{pointer}/month")
    if topic.category_number not in CATEGORIES:
        yield Objection("没有归入七类内容之一，请填写内容类别。", "L-5", f"{pointer}/category")
    if not topic.category_reason:
        yield Objection("没有写明归入这一类的理由，请填写。", "L-5", f"{pointer}/category_reason")


def _twice(topics: Sequence[Drafted]) -> Iterator[Objection]:
    first: dict[tuple[Form, str], int] = {}
    for place, topic in enumerate(topics):
        before = first.setdefault((topic.form, topic.title_key), place)
        if before != place:
            sentence = f"与第 {before + 1} 个主题以同一形式学习同一部法律法规，请删除或者更换。"
            yield Objection(sentence, "L-6", f"/topics/{place}/title")


def months_of(year: int) -> list[Month]:
    """January to December."""
    return [Month(year, number) for number in range(1, 13)]


def months_without(planned: Iterable[Month], year: int) -> list[Month]:
    """The months of the year that no pre-meeting study is planned for."""
    taken = set(planned)
    return [month for month in months_of(year) if month not in taken]


def balance(topics: Iterable[tuple[int, Form]]) -> dict[int, Counted]:
    """Topics by form for each of the seven kinds of content, those with none as well (L-5)."""
    counted: dict[int, Counted] = {number: Counter() for number in CATEGORIES}
    for category, form in topics:
        counted[category][form] += 1
    return counted
