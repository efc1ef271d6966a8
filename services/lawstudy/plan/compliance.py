"""How a year stands with what the study system asks of it, and what is still possible; pure (L-3a, L-3b, L-5, N-2.1).

Day and facts are passed in. A month counts by the day on which was studied, whatever month the plan had in mind.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from kit.district.periods import Month
from kit.web.shapes import Choice
from services.lawstudy.plan.law_study import LECTURES_A_YEAR, months_of

#: The system holds from the day of issue, 30 May 2024 (第九条): no month before is asked for.
FIRST_MONTH: Final = Month(2024, 5)


class MonthStanding(Choice):
    """How a month stands with pre-meeting study (当月会前学法情况)."""

    HELD = "held", "已学习"
    EXCUSED = "excused", "有理由未安排"
    MISSING = "missing", "未学习"
    OPEN = "open", "尚可安排"
    NOT_ASKED = "not_asked", "制度施行前"


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """What is known of a month: sessions held and still to be held in it, and the plan's reason for having none."""

    month: Month
    held: int = 0
    to_come: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MonthJudged:
    """A month as it stands; until: by when something can still be done, None where nothing can or need be."""

    facts: MonthFacts
    standing: MonthStanding
    until: date | None = None


def judge_month(facts: MonthFacts, today: date) -> MonthJudged:
    """How a month stands (L-3a): studied in, excused by the plan, missed, or still open until its last day."""
    if facts.held:
        return MonthJudged(facts, MonthStanding.HELD)
    if facts.month < FIRST_MONTH:
        return MonthJudged(facts, MonthStanding.NOT_ASKED)
    if facts.reason is not None:
        return MonthJudged(facts, MonthStanding.EXCUSED)
    if today <= facts.month.last:
        return MonthJudged(facts, MonthStanding.OPEN, facts.month.last)
    return MonthJudged(facts, MonthStanding.MISSING)


def judge_months(
    year: int,
    held: Mapping[Month, int],
    to_come: Mapping[Month, int],
    reasons: Mapping[Month, str],
    today: date,
) -> list[MonthJudged]:
    """The twelve months of a year as they stand (L-3a)."""
    return [
        judge_month(MonthFacts(month, held.get(month, 0), to_come.get(month, 0), reasons.get(month)), today)
        for month in months_of(year)
    ]


@dataclass(frozen=True, slots=True)
class LecturesJudged:
    """How many lectures were held, are still to be held, and are wanting; until: by when they can still be held."""

    held: int
    to_come: int
    wanting: int
    enough: bool
    until: date | None


def judge_lectures(year: int, held: int, to_come: int, today: date) -> LecturesJudged:
    """How a year stands with its lectures (L-3b); enough: whether those held suffice."""
    wanting = max(0, LECTURES_A_YEAR - held)
    last = date(year, 12, 31)
    until = last if wanting and today <= last else None
    return LecturesJudged(held, to_come, wanting, wanting == 0, until)


def sentence_of_lectures(judged: LecturesJudged) -> str:
    """What the lectures of a year come to, in Chinese."""
    if judged.enough:
        return f"已举办专题讲座 {judged.held} 次，符合每年不少于 {LECTURES_A_YEAR} 次的要求。"
    begun = f"已举办专题讲座 {judged.held} 次，还差 {judged.wanting} 次"
    if judged.until is None:
        return f"{begun}，本年度已结束。"
    until = f"{judged.until.month} 月 {judged.until.day} 日"
    if judged.to_come >= judged.wanting:
        return f"{begun}；已安排 {judged.to_come} 次，{until}前举办即可达到。"
    return f"{begun}，其中 {judged.wanting - judged.to_come} 次还没有安排；{until}前举办即可达到。"


def not_covered(studied: Collection[int], categories: Collection[int]) -> list[int]:
    """The kinds of content that nothing was studied of (L-5)."""
    return sorted(set(categories) - set(studied))
