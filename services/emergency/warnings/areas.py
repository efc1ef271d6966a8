"""Where a warning holds: streets and towns, with a polygon or a circle that is one."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from kit.district import units
from kit.district.named_units import StreetId
from kit.web.shapes import Body
from services.emergency.plan.cap import DISTRICT_CODE, Point, crosses_itself

Latitude = Annotated[Decimal, Field(ge=-90, le=90, max_digits=9, decimal_places=6)]
Longitude = Annotated[Decimal, Field(ge=-180, le=180, max_digits=9, decimal_places=6)]


def _closed(points: list[Point]) -> list[Point]:
    if points[0] != points[-1]:
        raise ValueError("多边形没有闭合：最后一点要与第一点相同。")
    if crosses_itself(points):
        raise ValueError("多边形的边互相交叉，请按顺序列出各点。")
    return points


class CircleIn(Body, title="圆形范围"):
    """A circle round a point (圆形范围)."""

    latitude: Latitude = Field(description="圆心纬度，度")
    longitude: Longitude = Field(description="圆心经度，度")
    radius_km: Annotated[Decimal, Field(gt=0, le=500, max_digits=6, decimal_places=3)] = Field(
        description="半径，公里"
    )


class AreaIn(Body, title="影响范围"):
    """A part of the district, or the whole of it (影响范围)."""

    division: StreetId | None = Field(default=None, description="镇街道；不填为全区", examples=["罕台镇"])
    code: str | None = Field(
        default=None,
        pattern=r"^150602(\d{3}|\d{6})?$",
        description="区划代码：全区为 150602，可以不填；镇街道为自己的 9 或 12 位代码，不知道时不填",
    )
    polygon: (
        Annotated[
            list[tuple[Latitude, Longitude]], Field(min_length=4, max_length=200), AfterValidator(_closed)
        ]
        | None
    ) = Field(default=None, description="多边形各点的纬度、经度，首尾相同")
    circle: CircleIn | None = Field(default=None, description="圆形范围")

    @model_validator(mode="after")
    def _own_code(self) -> "AreaIn":
        if self.division and self.code == DISTRICT_CODE:
            raise ValueError("150602 是全区的代码，镇街道请填自己的 9 或 12 位代码；不知道时不填。")
        if not self.division and self.code not in (None, DISTRICT_CODE):
            raise ValueError("这是镇街道的代码，请同时填写镇街道。")
        return self


def area_name(area: Mapping[str, Any]) -> str:
    """The name of an area as it is kept."""
    return units.unit(area["division"]).name if area.get("division") else "东胜区"
