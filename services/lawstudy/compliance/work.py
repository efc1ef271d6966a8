"""What a year came to, read from its sessions: the facts that the rules judge (L-3a, L-3b, L-5, N-2.1)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from kit.context import Context
from kit.district.periods import Month
from services.lawstudy.plan import compliance as rules
from services.lawstudy.plan.law_study import Form
from services.lawstudy.plan.lead_times import Standing, standing
from services.lawstudy.plan.planning import ISSUED
from services.lawstudy.plan.sessions import OPEN
from services.lawstudy.plans.models import PlanVersion, TopicEntry
from services.lawstudy.plans.work import in_force
from services.lawstudy.sessions.models import Session


@dataclass(frozen=True, slots=True)
class Year:
    """A year: its plan in force, and its sessions but the cancelled."""

    plan: PlanVersion
    sessions: list[Session]
    #: What the newest version that has a topic says of it: what was held stays, whatever a later version drops.
    entries: dict[str, TopicEntry]

    @classmethod
    async def read(cls, context: Context, year: int) -> "Year":
        """The year as it stands. Raises: NotFound where it has no plan."""
        plan = await in_force(context.session, year)
        query = select(Session).where(Session.plan_year == year, Session.state != "cancelled")
        rows = await context.session.scalars(query.order_by(Session.day, Session.month, Session.id))
        return cls(plan, list(rows), await _entries(context, year))

    def held(self, form: Form) -> list[Session]:
        """The sessions of a form that were held."""
        return [row for row in self.sessions if row.form == form and row.state == "held"]

    def to_come(self, form: Form) -> list[Session]:
        """The sessions of a form that are still to be held."""
        return [row for row in self.sessions if row.form == form and row.state in OPEN]

    def studied(self) -> Counter[int]:
        """How many topics of each kind of content were studied (L-5)."""
        return self._kinds(row for row in self.sessions if row.state == "held")

    def planned(self) -> Counter[int]:
        """How many topics of each kind of content the plan has (L-5)."""
        return Counter(entry.category_number for entry in self.plan.topics if entry.category_number)

    def _kinds(self, rows: Iterable[Session]) -> Counter[int]:
        found = (self.entries[topic].category_number for row in rows for topic in row.topic_ids)
        return Counter(kind for kind in found if kind is not None)

    def months(self, today: date) -> list[rules.MonthJudged]:
        """The twelve months as they stand with pre-meeting study (L-3a)."""
        return rules.judge_months(
            self.plan.year,
            by_month(self.held("pre_meeting")),
            by_month(self.to_come("pre_meeting")),
            {each.month: each.reason for each in self.plan.exceptions},
            today,
        )

    def lectures(self, today: date) -> rules.LecturesJudged:
        """How the year stands with its lectures (L-3b)."""
        held, to_come = len(self.held("lecture")), len(self.to_come("lecture"))
        return rules.judge_lectures(self.plan.year, held, to_come, today)

    def texts(self, now: datetime) -> dict[Standing, list[Session]]:
        """The sessions that have a day, by how it stands with their texts (N-2.1)."""
        found: dict[Standing, list[Session]] = {each: [] for each in Standing}
        for row in self.sessions:
            if row.text_due_at is not None:
                found[standing(row.text_due_at, row.passed_at, now)].append(row)
        return found


async def _entries(context: Context, year: int) -> dict[str, TopicEntry]:
    issued = (
        select(TopicEntry)
        .join(PlanVersion, PlanVersion.id == TopicEntry.version_id)
        .where(PlanVersion.year == year, PlanVersion.state.in_(ISSUED))
        .order_by(PlanVersion.version)
    )
    return {entry.topic_id: entry for entry in await context.session.scalars(issued)}


def by_month(rows: Iterable[Session]) -> Counter[Month]:
    """How many sessions lie in each month: by the day they have, or the month they are put off to or planned for."""
    found = (Month.of(row.day) if row.day else row.postponed_to or row.month for row in rows)
    return Counter(month for month in found if month is not None)
