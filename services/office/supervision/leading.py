"""Which leaders answer for a unit on a day, by the division of work in force then (D-1, D-2, D-3)."""

from dataclasses import dataclass
from datetime import date

from kit.context import Context
from kit.district.clock import end_of_day
from kit.web.problems import NotFound
from services.office.in_charge.shapes import PersonInPost
from services.office.in_charge.work import Moment, moment
from services.office.plan.in_charge import in_charge_of


@dataclass(frozen=True)
class Leading:
    """What decides on a day; moment: None where no division document was in force yet."""

    moment: Moment | None

    def of(self, unit: str) -> tuple[list[PersonInPost], list[PersonInPost]]:
        """The leaders who are in charge of a unit, each once, and who acts for them then.

        Where none is in charge those who are in contact with it; where nobody is, the head, who directs all.
        """
        if self.moment is None:
            return [], []
        found = in_charge_of(self.moment.division, unit, self.moment.away)
        charges = found.charges or found.contacts
        leaders = dict.fromkeys(each.tie.leader for each in charges)
        acting = dict.fromkeys(each.acting.acting for each in charges if each.acting.acting is not None)
        return [self.moment.person(each) for each in leaders], [self.moment.person(each) for each in acting]


async def leading(context: Context, day: date) -> Leading:
    """Who leads at the end of a day, and of today now."""
    at = context.now if day == context.today else end_of_day(day)
    try:
        return Leading(await moment(context, at))
    except NotFound:  # before the first division document
        return Leading(None)
