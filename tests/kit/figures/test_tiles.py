"""Tiles and outlines: name, number and class in words, and no map that pretends to be one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.figures.canvas import Head
from kit.figures.outlines import outline, outlines_of
from kit.figures.palette import CLASSES
from kit.figures.tiles import NO_MAP, Field, Tile, tiles
from tests.kit.figures.looking import LABELS, WIDTHS, looked_at, said, squeezed

FIELDS = st.builds(Field, LABELS, LABELS, LABELS, st.integers(0, 4))


@given(st.lists(FIELDS, max_size=6), LABELS, WIDTHS)
def test_whatever_the_names_are_no_words_touch_and_all_of_them_are_there(fields, title, width):
    grid = [Tile(field, (at % 5, at // 5)) for at, field in enumerate(fields)]
    everything = said(looked_at(tiles(Head(title, width=width), grid, [(0, title)])))
    assert all(squeezed(field.name) in everything and squeezed(field.word) in everything for field in fields)
    assert "不是地图" in everything


def test_tiles_stand_where_their_places_are_and_follow_one_another_where_they_would_be_too_narrow():
    grid = [Tile(Field(f"街{at}", "100.00%", "达到", 4), (at % 5, at // 5)) for at in range(6)]
    wide, narrow = (looked_at(tiles(Head("图", width=width), grid)) for width in (640, 360))
    assert [len({x for x, _ in _corners(each)}) for each in (wide, narrow)] == [5, 3]
    assert NO_MAP in said(wide)
    assert "按顺序排列" in said(narrow)


def _corners(root):
    return [(each.get("x"), each.get("y")) for each in root.iter() if each.get("fill") == CLASSES[4].fill]


def square(name, west, south, size=0.1):
    ring = [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]
    return {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@given(st.lists(FIELDS, min_size=1, max_size=5), WIDTHS, st.floats(1e-6, 0.2))
def test_numbers_on_a_map_never_lie_on_one_another(fields, width, apart):
    shapes = outlines_of(
        {"features": [square(field.name, 109.9 + apart * at, 39.8) for at, field in enumerate(fields)]}
    )
    everything = said(looked_at(outline(Head("图", width=width), shapes, fields)))
    assert all(squeezed(field.name) in everything for field in fields)


def test_north_is_above_and_a_field_without_a_shape_stands_in_the_list():
    shapes = outlines_of({"features": [square("南", 109.9, 39.7), square("北", 109.9, 39.9)]})
    fields = [Field("南", "1", "达到", 4), Field("北", "2", "很低", 1), Field("新", "3", "很低", 1)]
    root = looked_at(outline(Head("图"), shapes, fields))
    tops = {
        each.get("fill"): float(each.get("d").split("L")[2].split()[1])
        for each in root.iter()
        if each.get("d")
    }
    assert tops[CLASSES[1].fill] < tops[CLASSES[4].fill]
    assert "新" in said(root)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {},
        {"features": []},
        {"features": [{"properties": {}}]},
        {"features": [{"properties": {"name": "点"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}]},
        {"features": [square("不在地球上", 500, 39)]},
    ],
)
def test_what_is_no_map_is_refused(wrong):
    with pytest.raises(ValueError, match="GeoJSON"):
        outlines_of(wrong)
