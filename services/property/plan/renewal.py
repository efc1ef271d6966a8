"""The works of the three renewals: 楼道革命, 环境革命, 管理革命 (P-2.6.1 to P-2.6.3); pure."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from kit.web.shapes import Choice


class Work(Choice):
    """What is renewed (改造内容), in the plan's order."""

    PIPES = "pipes", "燃气、供水、供热、排水、供电、通信管线管道"
    CORRIDORS = "corridors", "楼栋内人行走道"
    FLUES = "flues", "排风烟道"
    SHAFTS = "shafts", "通风井道"
    RISERS = "risers", "上下小道"
    OUTER_WALLS = "outer_walls", "住宅外墙安全整治"
    LIFTS = "lifts", "加装电梯"
    SANITATION = "sanitation", "卫生整治"
    GREENING = "greening", "绿化整治"
    LIGHTING = "lighting", "照明整治"
    WASTE_SORTING = "waste_sorting", "生活垃圾分类设施"
    PARKING = "parking", "停车库（场）"
    CHARGING = "charging", "电动自行车及汽车充电设施"
    ELDERLY = "elderly", "适老化设施"
    CHILDREN = "children", "适儿化设施"
    BARRIER_FREE = "barrier_free", "无障碍设施"
    MANAGEMENT = "management", "协商确定管理模式、管理规约、议事规则和维修资金"


#: The section of the plan's 二(六) that each work stands in.
CLAUSE_OF: Final = {
    **dict.fromkeys(
        (Work.PIPES, Work.CORRIDORS, Work.FLUES, Work.SHAFTS, Work.RISERS, Work.OUTER_WALLS, Work.LIFTS),
        "P-2.6.1",
    ),
    **dict.fromkeys((Work.SANITATION, Work.GREENING, Work.LIGHTING, Work.WASTE_SORTING), "P-2.6.2"),
    **dict.fromkeys((Work.PARKING, Work.CHARGING, Work.ELDERLY, Work.CHILDREN, Work.BARRIER_FREE), "P-2.6.2"),
    Work.MANAGEMENT: "P-2.6.3",
}


class Progress(Choice):
    """How far a work is (进度)."""

    PLANNED = "planned", "计划中"
    UNDER_WAY = "under_way", "实施中"
    DONE = "done", "已完成"


#: Percent done that go with each.
PERCENT: Final = {Progress.PLANNED: (0, 0), Progress.UNDER_WAY: (0, 99), Progress.DONE: (100, 100)}

#: What residents agree on after a renovation, by its field.
AGREED: Final = {
    "mode": "管理模式",
    "rules_agreed_on": "管理规约和议事规则",
    "fund_agreed_on": "维修资金续筹",
}


def contradictions(
    work: Work, progress: Progress, percent: int, agreed: dict[str, date | str | None]
) -> Iterator[str]:
    """What does not go together, in Chinese: figures of another progress, and a management that is not agreed on."""
    least, most = PERCENT[progress]
    if not least <= percent <= most:
        yield f"{progress.zh}的完成百分比应为 {least}" + (f" 至 {most}。" if most != least else "。")
    if work is not Work.MANAGEMENT and any(agreed.values()):
        yield "只有“管理革命”填写协商确定的事项。"
    missing = [AGREED[name] for name, value in agreed.items() if value is None]
    if work is Work.MANAGEMENT and progress is Progress.DONE and missing:
        yield f"完成前应由居民协商确定{'、'.join(missing)}。"
