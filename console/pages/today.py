"""/: what needs this person now, as sentences, over term first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from console.people.sessions import Seat
from console.web.gateway import Told, segment
from console.web.page import Context, Page
from console.web.rendering import unit_name
from console.web.view import View

PAGE = Page("/", "今日要事", "today.html", group="总览", refresh=60)
#: Sentences of one kind that are shown; beyond, how many more there are.
_SHOWN: Final = 8
_SOON: Final = timedelta(hours=24)
_BOARD, _HOTLINE = ("/accidents", "事故看板"), ("/hotline", "热线办理")

#: What is asked: the scope that it takes, and where; `{own}` narrows it to the person's own unit.
_ASKED: Final = {
    "deadlines": ("emergency:read", "/emergency/v1/deadlines?limit=100"),
    "incidents": ("emergency:read", "/emergency/v1/incidents?state=open&exercise=false&limit=20"),
    "warnings": ("emergency:read", "/emergency/v1/warnings?active=true&exercise=false&limit=20"),
    "duty": ("emergency:read", "/emergency/v1/duty/now"),
    "requests": ("dispatch:read", "/dispatch/v1/requests?overdue=true&limit=20{own}"),
    "today": ("dispatch:read", "/dispatch/v1/requests?overdue=false&limit=50{own}"),
    "owed": ("office:read", "/office/v1/owed?standing=missing&limit=100{own}"),
    "soon": ("office:read", "/office/v1/owed?standing=due_soon&days=1&limit=100{own}"),
    "duties": ("property:write", "/property/v1/duties/summary"),
    "session": ("lawstudy:read", "/lawstudy/v1/sessions/coming?limit=1"),
}


@dataclass
class Sentence:
    """Something that needs somebody. due: when it is, or was, to be done; href: where it is done."""

    text: str
    href: str = ""
    due: str | None = None
    whose: str = ""


@dataclass
class Section:
    """Sentences of one kind; nothing: what is said where there is none; away: the kinds that nobody could tell of.
    more: how many have no room here, and unknown: whether there are yet more; further: where all of them stand.
    """

    title: str
    nothing: str
    mark: str = ""
    sentences: list[Sentence] = field(default_factory=list)
    more: int = 0
    unknown: bool = False
    further: list[tuple[str, str]] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
    basis: list[dict[str, Any]] = field(default_factory=list)

    def take(
        self, told: Told | None, make: Callable[[Any], Iterable[Sentence]], all: tuple[str, str] | None = None
    ) -> None:
        """Add the sentences that an answer gives; or that it is away. told: None for what the person does not see; all: where all
        of them stand, and what that is called.
        """
        if told is None:
            return
        if not told:
            if told.sorry not in self.away:
                self.away.append(told.sorry)
            return
        found = list(make(told.body))
        self.sentences += found[:_SHOWN]
        self.more += max(0, len(found) - _SHOWN)
        self.unknown |= bool(found and told.body.get("next"))
        if all and len(found) > _SHOWN and all not in self.further:
            self.further.append(all)
        _add_basis(self.basis, told.body if found else None)


@PAGE.show
async def show(view: View) -> Context:
    asked = wanted(view.person)
    told = dict(zip(asked, await view.all(*asked.values()), strict=True))
    return {"sections": sections(told, view.now), "idle": not asked}


def wanted(person: Seat) -> dict[str, str]:
    """What is asked for somebody: what the role may see, narrowed to its own unit unless it overlooks all of it. Pure."""
    overlooks = person.role is not None and person.role.overlooks
    own = "" if overlooks or person.unit is None else f"&unit={segment(person.unit)}"
    return {
        name: path.format(own=own)
        for name, (scope, path) in _ASKED.items()
        if scope in person.scopes or (overlooks and scope.replace("write", "read") in person.scopes)
    }


def sections(told: dict[str, Told], now: datetime) -> list[Section]:
    """The page, from what was answered; a part that the person may not see is not there. Pure."""
    over = Section("已经超时", "没有超时未办的事项。", "over")
    over.take(told.get("deadlines"), lambda body: _clocks(body, lambda due: due < now), _BOARD)
    over.take(told.get("requests"), _requests, _HOTLINE)
    over.take(told.get("owed"), _owed)
    over.take(told.get("duties"), _duties)
    soon = Section("24 小时内到期", "24 小时内没有到期的事项。", "soon")
    soon.take(
        told.get("deadlines"), lambda body: _clocks(body, lambda due: now <= due <= now + _SOON), _BOARD
    )
    soon.take(told.get("today"), lambda body: _requests_until(body, now), _HOTLINE)
    soon.take(told.get("soon"), _owed)
    made = [over, soon]
    if "incidents" in told:
        accidents = Section("正在处置的事故", "没有正在处置的事故。")
        accidents.take(told["incidents"], _incidents, _BOARD)
        warnings = Section("生效中的预警", "没有生效中的预警。")
        warnings.take(told["warnings"], _warnings, ("/warnings", "预警"))
        made += [accidents, warnings]
    if "session" in told:
        session = Section("下一次学法", "近期没有学法安排。")
        session.take(told["session"], lambda body: _session(body, now))
        made.append(session)
    if "duty" in told:
        duty = Section("现在值班", "")
        duty.take(told["duty"], _duty)
        made.append(duty)
    return made


def _clocks(body: Any, wanted: Callable[[datetime], bool]) -> Iterable[Sentence]:
    for each in body["items"]:
        if (
            each["due"]
            and not each["window"]
            and not each["exercise"]
            and wanted(datetime.fromisoformat(each["due"]))
        ):
            yield Sentence(
                f"{each['asks']}（事故 {each['number']}）",
                f"/accidents/{each['number']}",
                each["due"],
                each["owner_name"],
            )


def _requests(body: Any) -> Iterable[Sentence]:
    for each in body["items"]:
        text = f"热线诉求 {each['number']}（{each['matter_name']}）没有按时办理"
        yield Sentence(text, f"/hotline/{segment(each['number'])}", each["due_at"], each["unit_name"] or "")


def _requests_until(body: Any, now: datetime) -> Iterable[Sentence]:
    for each in body["items"]:
        if each["due_at"] and now <= datetime.fromisoformat(each["due_at"]) <= now + _SOON:
            text = f"热线诉求 {each['number']}（{each['matter_name']}）"
            yield Sentence(
                text, f"/hotline/{segment(each['number'])}", each["due_at"], each["unit_name"] or ""
            )


def _owed(body: Any) -> Iterable[Sentence]:
    """What units owe: one sentence for what several owe alike."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for each in body["items"]:
        what = (each["title"], each["occasion"], each["due_on"])
        alike.setdefault(what, []).append(each["unit"]["name"])
    for (title, occasion, due), units in alike.items():
        whose = units[0] if len(units) == 1 else f"{units[0]}等 {len(units)} 个单位"
        yield Sentence(f"{title}（{occasion}）", "", due, whose)


def _duties(body: Any) -> Iterable[Sentence]:
    for each in body["items"]:
        if each["overdue"]:
            yield Sentence(f"{each['title']}：{each['overdue']} 个对象逾期未办", "", each["by"])


def _incidents(body: Any) -> Iterable[Sentence]:
    for each in body["items"]:
        graded = each["assessment"]
        yield Sentence(
            f"{each['unit'] or '单位不详'}，{each['place'] or '地点不详'}：{graded['grade_zh']}事故，"
            f"{graded['response_level_zh']}响应",
            f"/accidents/{each['number']}",
        )


def _warnings(body: Any) -> Iterable[Sentence]:
    for each in body["items"]:
        where = "、".join(unit_name(area.get("division")) or "全区" for area in each["areas"])
        yield Sentence(
            f"{each['accident_type']}{each['colour_zh']}预警，{where}",
            f"/warnings/{each['id']}",
            each["expires_at"],
        )


def _session(body: Any, now: datetime) -> Iterable[Sentence]:
    for each in body["items"]:
        topics = "、".join(topic["title"] for topic in each["topics"]) or "主题未定"
        when = each["day"] or f"{each['postponed_to'] or each['month']} 月内"
        late = "，学法材料已过报送期限" if _is_late(each, now) else ""
        unit = each["unit"]["name"] if each["unit"] else "未定"
        yield Sentence(f"{when} {each['form_zh']}：{topics}（责任部门 {unit}）{late}", "/law-study")


def _is_late(session: Any, now: datetime) -> bool:
    due = session["text_due_at"]
    return bool(due) and session["passed_at"] is None and datetime.fromisoformat(due) < now


def _duty(body: Any) -> Iterable[Sentence]:
    shift = body["shift"]
    if shift is None:
        yield Sentence("这一班没有排人，请立即安排。", "/duty")
    else:
        yield Sentence(f"值班员 {shift['officer']}，带班领导 {shift['leader']}", "/duty")


def _add_basis(basis: list[dict[str, Any]], body: Any) -> None:
    """Add what an answer rests on: its own clauses, and those of its entries; each once."""
    if body is None:
        return
    given = [body, *body.get("items", ())]
    for each in (clause for part in given for clause in part.get("basis", [])):
        if each["clause"] not in {known["clause"] for known in basis}:
            basis.append(each)
