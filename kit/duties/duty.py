"""A duty of the documents: what who has to have done, how often or by when; pure.

    Duty("joint-inspection", "P-2.2.3a", "季度联合执法检查", Subject.COMPOUND, date(2024, 4, 19), cycle=Cycle.QUARTER)

What is due is never stored: it follows from when it was done last, which is.
"""

from dataclasses import dataclass
from datetime import date

from kit.district.cycles import Cycle
from kit.web.shapes import Choice


class Subject(Choice):
    """What a duty is about (履职对象)."""

    DISTRICT = "district", "全区"
    STREET = "street", "街道（镇）"
    COMMUNITY = "community", "社区"
    COMPOUND = "compound", "小区"
    COMPANY = "company", "物业服务企业"
    PROJECT = "project", "物业服务项目"
    COMMITTEE = "committee", "业委会（物管会）"
    CONTRACT = "contract", "物业服务合同"
    UNIT = "unit", "单位"
    AREA = "area", "片区"


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty (履职事项).

    key: part of its address; clause: what it rests on; title: what is to be done, in Chinese; begins: since when
    the document asks for it; cycle: how often, None for what has to stand at all times; by: until when it is to
    stand at the latest, where the document gives a day; ours: what of it the document leaves open and we set;
    invites: whether the document only invites to it, so that nobody is ever overdue.
    """

    key: str
    clause: str
    title: str
    subject: Subject
    begins: date
    cycle: Cycle | None = None
    by: date | None = None
    ours: str = ""
    invites: bool = False

    def due_on(self, since: date, last_done: date | None = None) -> date:
        """Until when it is to be done next.

        since: from when the subject owes it. Of a cycle the end of the first period, then of each period after
        one in which it was done: who did it never or long ago has been overdue since the first period missed.
        """
        owed_since = max(since, self.begins)
        if self.cycle is None:
            return max(owed_since, self.by or owed_since)
        first = self.cycle.last_day(owed_since)
        return first if last_done is None else max(first, self.cycle.next_last_day(last_done))
