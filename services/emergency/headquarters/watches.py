"""The watches of the 24-hour duty: two a day, and the one that a moment belongs to (E-2.1d)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from kit.district.clock import SHANGHAI
from kit.web.shapes import Choice


class Half(Choice):
    """The two halves of a day's watch (班次); together they leave no hour out (E-2.1d)."""

    DAY = "day", "白班（8 时至 20 时）"
    NIGHT = "night", "夜班（20 时至次日 8 时）"


#: When the halves begin. The plan asks for 24 hours and leaves the hour of change to the office.
BEGINS = {Half.DAY: time(8), Half.NIGHT: time(20)}


@dataclass(frozen=True, slots=True, order=True)
class Watch:
    """A half of a day's watch. A night belongs to the day that it begins on."""

    day: date
    half: Half

    @property
    def begins_at(self) -> datetime:
        return datetime.combine(self.day, BEGINS[self.half], SHANGHAI)

    @property
    def ends_at(self) -> datetime:
        """The moment the next watch begins, which is no longer this one's."""
        return self.next.begins_at

    @property
    def next(self) -> "Watch":
        if self.half is Half.DAY:
            return Watch(self.day, Half.NIGHT)
        return Watch(self.day + timedelta(days=1), Half.DAY)


def watch_at(moment: datetime) -> Watch:
    """The one watch that a moment belongs to (E-2.1d)."""
    local = moment.astimezone(SHANGHAI)
    if local.time() < BEGINS[Half.DAY]:
        return Watch(local.date() - timedelta(days=1), Half.NIGHT)
    return Watch(local.date(), Half.DAY if local.time() < BEGINS[Half.NIGHT] else Half.NIGHT)
