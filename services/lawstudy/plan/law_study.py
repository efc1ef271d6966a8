"""What the study system asks of a yearly plan."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from kit.district.periods import Month

#: A year has at least so many special lectures (L-3b).
LECTURES_A_YEAR: Final = 2
#: Kinds of content, numbered as in the study system (L-5).
CATEGORIES: Final = range(1, 8)


#: How a topic is studied (L-3a, L-3b), and what it is called.
Form = Literal["pre_meeting", "lecture"]
FORMS: Final[dict[Form, str]] = {"pre_meeting": "会前学法", "lecture": "专题讲座"}

#: Topics by form.
Counted: TypeAlias = Counter[Form]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a plan cannot stand, in Chinese, and the clause that says so."""

    sentence: str
    clause: str


def objections(forms: Iterable[Form]) -> tuple[Objection, ...]:
    """What stands against a plan whose topics have these forms; nothing where it may be approved (L-3b)."""
    lectures = Counter(forms)["lecture"]
    if lectures >= LECTURES_A_YEAR:
        return ()
    sentence = f"一年至少安排 {LECTURES_A_YEAR} 次专题讲座，计划中只有 {lectures} 次，请补充。"
    return (Objection(sentence, "L-3b"),)


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
