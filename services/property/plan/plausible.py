"""Which figures of a compound are plausible: pure.

The documents give no bounds. These are ours, wide enough for any compound of the district; what lies outside is doubted
and never refused (P-3.1 wants full and accurate figures).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

#: Square metres a household, outside of which the unit of the area is in doubt.
AREA_A_HOUSEHOLD: Final = (10, 1_000)
#: Yuan a square metre and month: lower is a fee a year or household misplaced, higher one a year or in fen.
FEE: Final = (Decimal("0.1"), Decimal(10))
_UNSERVED: Final = "无物业"


def implausible(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The figures of a survey's row that are doubtful, by their key, and what to check; those left out are not."""
    area, households, buildings = row.get("area"), row.get("households"), row.get("buildings")
    if area and households and not AREA_A_HOUSEHOLD[0] <= area / households <= AREA_A_HOUSEHOLD[1]:
        yield "area", f"户均 {area / households:.1f} 平方米，请核对面积的单位是否为平方米"
    if buildings and households is not None and buildings > households:
        yield "buildings", f"楼栋数 {buildings} 多于户数 {households}，请核对两列是否填反"
    fee, rate = row.get("fee"), row.get("collection_rate")
    if fee and not FEE[0] <= fee <= FEE[1]:
        yield (
            "fee",
            f"每平方米每月 {fee:f} 元，一般在 {FEE[0]} 至 {FEE[1]} 元之间，请核对单位是否为元/平方米/月",
        )
    if row.get("status") == _UNSERVED:
        if fee:
            yield "fee", f"现状为“{_UNSERVED}”却有物业费标准，请核对物业管理现状"
        if rate:
            yield "collection_rate", f"现状为“{_UNSERVED}”却有收费率，请核对物业管理现状"
