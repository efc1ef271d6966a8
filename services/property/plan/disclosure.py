"""What a project's disclosure board must show, and when it is out of date (P-2.3.1); pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from kit.district.clock import years_after
from kit.web.shapes import Choice


class BoardItem(Choice):
    """What a board must show (公示事项), in the plan's order."""

    MANAGER = "manager", "项目负责人基本情况和联系方式"
    COMPLAINT_PHONE = "complaint_phone", "物业服务投诉电话"
    SERVICE = "service", "物业服务内容和标准"
    FEES = "fees", "收费项目和标准"
    SHARED_UTILITIES = "shared_utilities", "公共水电费分摊情况"
    COMMON_INCOME = "common_income", "业主共有部分经营收益收支情况"
    MAINTENANCE = "maintenance", "电梯、消防、监控安防等设施设备维护保养支出情况"


#: The plan says 及时更新 and no period; a year is ours.
YEARS: Final = 1


@dataclass(frozen=True, slots=True)
class Shown:
    """How an item stands on a day: when it was published last, its age in days, and whether it counts."""

    item: BoardItem
    published_on: date | None
    age: int | None
    current: bool


def board(published: Mapping[str, date], day: date) -> list[Shown]:
    """Every item of a board on a day, given when each was published last."""
    return [_shown(item, published.get(item), day) for item in BoardItem]


def _shown(item: BoardItem, published: date | None, day: date) -> Shown:
    if published is None:
        return Shown(item, None, None, current=False)
    return Shown(item, published, (day - published).days, current=day <= years_after(published, YEARS))
