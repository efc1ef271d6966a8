"""Templates: everything that is put into them is escaped, and what they ask for must be there."""

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kit.district import units
from kit.district.clock import SHANGHAI, local_day

_FOLDER = Path(__file__).parents[1] / "templates"
_WEEK: Final = "一二三四五六日"
#: Embeddings, overrides and isolates of direction; letters of any script are written without.
_TURNING: Final = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_INDENTATION: Final = re.compile(r"^\s+", re.MULTILINE)


class _Unindented(FileSystemLoader):
    """Templates without indentation and empty lines, which would go out with every row; what is put in keeps its own."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template, its file, and whether that is unchanged."""
        source, file, is_current = super().get_source(environment, template)
        return _INDENTATION.sub("", source), file, is_current


def environment() -> Environment:
    """The templates of console/templates, with the filters that they use."""
    made = Environment(
        loader=_Unindented(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=straight,
    )
    made.filters |= {
        "moment": moment,
        "clock": clock,
        "day": day,
        "deadline": deadline,
        "percent": percent,
        "unit": unit_name,
        "clip": clip,
    }
    return made


def straight(value: Any) -> Any:
    """What is put into a template, without marks that turn the direction of all that follows them on the page."""
    turns = isinstance(value, str) and not isinstance(value, Markup) and _TURNING.search(value)
    return _TURNING.sub("", value) if turns else value


def _instant(value: str | datetime) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.astimezone(SHANGHAI)


def moment(value: str | datetime | None) -> Markup:
    """A time as people write it, `2024-06-24 09:30`, for machines in full."""
    if value is None:
        return Markup("—")
    at = _instant(value)
    return Markup('<time datetime="{}">{}</time>').format(
        at.isoformat(timespec="minutes"), f"{at:%Y-%m-%d %H:%M}"
    )


def clock(value: datetime) -> str:
    """A time of the day, `09:30`."""
    return f"{_instant(value):%H:%M}"


def day(value: str | date | datetime | None) -> Markup:
    """A day with its weekday, `2024-06-24（星期一）`."""
    if value is None:
        return Markup("—")
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == 10 else _instant(value)
    on = value.astimezone(SHANGHAI).date() if isinstance(value, datetime) else value
    shown = f"{on:%Y-%m-%d}（星期{_WEEK[on.weekday()]}）"
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), shown)


def span(seconds: float) -> str:
    """How long something takes, in the two largest units that say something: `2 小时 5 分`."""
    minutes = int(abs(seconds)) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    if hours:
        return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"
    return f"{minutes} 分" if minutes else "不到 1 分"


def deadline(until: str | datetime | None, now: datetime) -> Markup:
    """A deadline and what remains of it, or by how much it is over, which live.js counts on; a day has no clock."""
    if until is None:
        return Markup("—")
    if isinstance(until, str) and len(until) == 10:  # a day is over at its end
        late = until < local_day(now).isoformat()
        return Markup('<span class="clock{}">{} <b>{}</b></span>').format(
            " over" if late else "", until, "已过期" if late else "到期"
        )
    at = _instant(until)
    left = (at - now).total_seconds()
    said = f"还剩 {span(left)}" if left >= 0 else f"已超时 {span(left)}"
    return Markup('<span class="clock{}"><time datetime="{}">{}</time> <b data-left>{}</b></span>').format(
        "" if left >= 0 else " over", at.isoformat(timespec="seconds"), f"{at:%m-%d %H:%M}", said
    )


def percent(value: float | str | None, places: int = 2) -> str:
    """A share of 1 as per cent with two places, as figures have it; a dash for none. places: 0 for targets."""
    return "—" if value is None else f"{float(value):.{places}%}"


def clip(text: str, most: int) -> str:
    """The beginning of a text that is longer than so many characters, and how many more there are."""
    return text if len(text) <= most else f"{text[:most]}……（还有 {len(text) - most} 字）"


def unit_name(id: str | None) -> str:
    """What people call a unit; its id, where the district has none of it."""
    try:
        return units.unit(id).name if id else ""
    except KeyError:
        return id or ""
