"""What has to be settled before the file of an accident is closed."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How far an accident's file has come."""

    response_runs: bool
    response_was_started: bool
    casualties: int
    forces_on_site: int
    resources_out: int
    has_closing_report: bool
    has_evaluation: bool
    open_items: int
    open_measures: int
    open_inquiry: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """A thing that keeps a file open: what, and under which clause."""

    what: str
    clause: str


def owed(file: Completeness, *, accident: bool, exercise: bool) -> tuple[Owed, ...]:
    """What keeps a file open (E-4.9, E-4.5c, E-6.3, E-4.1f, E-5.1, E-5.4).

    What turned out to be no accident has neither casualties nor a response that was started, no forces on site and no
    resources out; an exercise is evaluated, but not investigated.
    """
    return tuple(_owed(file, accident=accident, exercise=exercise))


def _owed(file: Completeness, *, accident: bool, exercise: bool) -> Iterator[Owed]:
    if file.response_runs:
        yield Owed("响应尚未终止", "E-4.9")
    if file.forces_on_site:
        yield Owed(f"还有 {file.forces_on_site} 支队伍未登记离场", "E-4.5c")
    if file.resources_out:
        yield Owed(f"还有 {file.resources_out} 笔调用的物资未用完也未归还", "E-6.3")
    if not accident:
        if file.casualties:
            yield Owed(f"已有 {file.casualties} 人伤亡，不能按非事故结案；报错的请先更正报告", "E-1.5")
        if file.response_was_started:
            yield Owed("响应已启动过，不能按非事故结案", "E-4.9")
        return
    if not file.has_closing_report:
        yield Owed("还没有终报", "E-4.1f")
    if file.open_items:
        yield Owed(f"后期处置还有 {file.open_items} 项未办结", "E-5.1")
    if not file.has_evaluation:
        yield Owed("还没有总结评估报告", "E-5.4")
    if file.open_measures:
        yield Owed(f"还有 {file.open_measures} 项改进措施未完成", "E-5.4")
    if not exercise:
        yield from (Owed(f"尚未完成：{asks}", "E-5.4") for asks in file.open_inquiry)
