"""What a version of a plan changes in the one before it, each change as a sentence; pure (L-6, N-2.2)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from kit.district.periods import Month
from services.lawstudy.plan.law_study import FORMS, Form

Kind = Literal["added", "removed", "moved", "department", "title", "category", "form"]


class Planned(Protocol):
    """What a version says of a topic."""

    @property
    def topic_id(self) -> str: ...
    @property
    def form(self) -> Form: ...
    @property
    def title(self) -> str: ...
    @property
    def month(self) -> Month | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def unit_written(self) -> str | None: ...
    @property
    def category_number(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a topic: of which kind, from what to what in words, and the whole as a sentence."""

    kind: Kind
    topic_id: str
    before: str | None
    after: str | None
    sentence: str


def changes(
    before: Sequence[Planned], after: Sequence[Planned], categories: Mapping[int, str]
) -> list[Change]:
    """What is changed, in the order of the later version; what is no longer there comes last.

    categories: the names of the kinds of content.
    """
    was = {topic.topic_id: topic for topic in before}
    kept = {topic.topic_id for topic in after}
    found: list[Change] = []
    for topic in after:
        former = was.get(topic.topic_id)
        if former is None:
            found.append(_came(topic))
        else:
            found += _altered(former, topic, categories)
    return found + [_went(topic) for topic in before if topic.topic_id not in kept]


def month_in_words(month: Month | None) -> str:
    """A month as a plan writes it, never a day: 2024年5月."""
    return f"{month.year}年{month.month}月" if month else "时间另定"


def in_words(topic: Planned) -> str:
    """A topic as one line of a plan."""
    who = topic.unit_written or "责任部门另定"
    return f"《{topic.title}》（{FORMS[topic.form]}，{month_in_words(topic.month)}，{who}）"


def _came(topic: Planned) -> Change:
    return Change("added", topic.topic_id, None, in_words(topic), f"新增{in_words(topic)}。")


def _went(topic: Planned) -> Change:
    return Change("removed", topic.topic_id, in_words(topic), None, f"取消{in_words(topic)}。")


def _altered(former: Planned, topic: Planned, categories: Mapping[int, str]) -> Iterator[Change]:
    law = f"《{topic.title}》"
    if former.title != topic.title:
        yield _change("title", topic, f"《{former.title}》", law, "{0}改为{1}。")
    if former.form != topic.form:
        was, now = FORMS[former.form], FORMS[topic.form]
        yield _change("form", topic, was, now, law + "由{0}改为{1}。")
    if former.month != topic.month:
        was, now = month_in_words(former.month), month_in_words(topic.month)
        yield _change("moved", topic, was, now, law + "由{0}调整为{1}。")
    if former.unit != topic.unit:
        was, now = former.unit_written or "另定", topic.unit_written or "另定"
        yield _change("department", topic, was, now, law + "的责任部门由{0}改为{1}。")
    if former.category_number != topic.category_number:
        was, now = (
            "未归类" if each.category_number is None else categories[each.category_number]
            for each in (former, topic)
        )
        yield _change("category", topic, was, now, law + "的内容类别由“{0}”改为“{1}”。")


def _change(kind: Kind, topic: Planned, was: str, now: str, sentence: str) -> Change:
    return Change(kind, topic.topic_id, was, now, sentence.format(was, now))
