"""A district's own map: outlines from GeoJSON (RFC 7946) in the classes of the tiles, numbered, with a list below."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kit.figures.canvas import LABEL, MARGIN, NOTE, STRONG, UNIT, Canvas, Head, Point, num
from kit.figures.lettering import clean
from kit.figures.palette import CLASSES, INK, PAPER
from kit.figures.tiles import Field, classes

#: Half the room of a number on the map.
_DOT: Final = 10.0


@dataclass(frozen=True, slots=True)
class Outline:
    """A street or town on the map: its name, and its rings as longitudes and latitudes."""

    name: str
    rings: Sequence[Sequence[Point]]


def outlines_of(collection: Any) -> list[Outline]:
    """What a FeatureCollection of polygons with a `name` each says.

    Raises: ValueError where it is none.
    """
    try:
        found = [
            Outline(str(each["properties"]["name"]), tuple(_rings(each["geometry"])))
            for each in collection["features"]
        ]
    except (KeyError, TypeError, IndexError) as wrong:
        raise ValueError("不是由带 name 的面组成的 GeoJSON FeatureCollection。") from wrong
    if not found or not all(each.rings for each in found):
        raise ValueError("GeoJSON 中没有面。")
    return found


def _rings(geometry: Mapping[str, Any]) -> Iterator[list[Point]]:
    kinds = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}
    for polygon in kinds[geometry["type"]]:
        for ring in polygon:
            points = [(float(place[0]), float(place[1])) for place in ring]
            if not all(abs(x) <= 180 and abs(y) < 90 for x, y in points) or len(points) < 4:
                raise ValueError("GeoJSON 的坐标应为经纬度，每一圈至少四个点。")
            yield points


def outline(
    head: Head, shapes: Sequence[Outline], fields: Sequence[Field], legend: Sequence[tuple[int, str]] = ()
) -> str:
    """The map, each shape in the class of the field of its name; fields that have no shape stand in the list alone."""
    canvas = Canvas(head)
    known = {field.name: number for number, field in enumerate(fields, 1)}
    placed = _projected(canvas, shapes)
    for shape, rings in zip(shapes, placed, strict=True):
        fill = CLASSES[fields[known[shape.name] - 1].rank].fill if shape.name in known else PAPER
        drawn = "".join(f"M{'L'.join(f'{num(x)} {num(y)}' for x, y in ring)}Z" for ring in rings)
        canvas.path(
            drawn, fill=fill, fill_rule="evenodd", stroke=INK, stroke_width=1, stroke_linejoin="round"
        )
    taken: list[Point] = []
    for shape, rings in zip(shapes, placed, strict=True):
        if shape.name in known:
            _number(canvas, _free(_inside(rings), taken), known[shape.name])
    classes(canvas, legend)
    canvas.y += UNIT
    for number, field in enumerate(fields, 1):
        words = "　".join(each for each in (field.name, field.said, field.word) if clean(each))
        canvas.text((MARGIN, canvas.y + LABEL.size), f"{number}", STRONG)
        canvas.y += canvas.block((MARGIN + 32, canvas.y), words, canvas.inner - 32, LABEL)
    return canvas.svg("；".join(field.told() for field in fields) or "没有数据。")


def _projected(canvas: Canvas, shapes: Sequence[Outline]) -> list[list[list[Point]]]:
    """The rings on the canvas, as wide as it is and no higher than that; north is above."""
    every = [point for shape in shapes for ring in shape.rings for point in ring]
    west, east = min(x for x, _ in every), max(x for x, _ in every)
    south, north = min(y for _, y in every), max(y for _, y in every)
    shrunk = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrunk, 1e-9), max(north - south, 1e-9)
    scale = min(canvas.inner / wide, canvas.inner / high)
    left, top = MARGIN + (canvas.inner - wide * scale) / 2, canvas.y
    canvas.y += high * scale + UNIT
    return [
        [
            [(left + (x - west) * shrunk * scale, top + (north - y) * scale) for x, y in ring]
            for ring in shape.rings
        ]
        for shape in shapes
    ]


def _inside(rings: Sequence[Sequence[Point]]) -> Point:
    """A point within: the middle of the widest stretch half way down the largest ring."""
    ring = max(rings, key=lambda each: max(y for _, y in each) - min(y for _, y in each))
    level = (max(y for _, y in ring) + min(y for _, y in ring)) / 2
    crossings = sorted(
        x1 + (level - y1) * (x2 - x1) / (y2 - y1)
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True)
        if (y1 <= level) != (y2 <= level)
    )
    pairs = list(zip(crossings[::2], crossings[1::2], strict=False)) or [(ring[0][0], ring[0][0])]
    left, right = max(pairs, key=lambda pair: pair[1] - pair[0])
    return (left + right) / 2, level


def _free(wanted: Point, taken: list[Point]) -> Point:
    """The nearest place where a number lies on no other."""
    for step in range(200):
        turn, far = step * 2.4, _DOT * math.sqrt(step)
        at = (wanted[0] + far * math.cos(turn), wanted[1] + far * math.sin(turn))
        if all(abs(at[0] - x) >= 2 * _DOT or abs(at[1] - y) >= 2 * _DOT for x, y in taken):
            break
    taken.append(at)
    return at


def _number(canvas: Canvas, at: Point, number: int) -> None:
    x = min(max(at[0], MARGIN), canvas.width - MARGIN)
    canvas.circle((x, at[1]), _DOT - 1, fill=PAPER, stroke=INK)
    canvas.text((x, at[1] + 4), f"{number}", NOTE, "middle")
