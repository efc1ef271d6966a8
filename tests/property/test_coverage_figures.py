"""Figures of coverage: they say what the answer beside them says."""

import io
import json
import zipfile

import pytest

from kit.district.named_units import streets as named_streets
from services.property.coverage import maps
from services.property.plan.divisions import tile_places
from services.property.surveys.form import Status
from tests.kit.figures.looking import looked_at, said, tabled
from tests.property.conftest import row


@pytest.fixture
def streets(centre, submit):
    submit(
        row("一苑"), row("二苑", Status.NONE), row("三苑", Status.NONE, street="铜川镇", community="枳机塔村")
    )
    return centre


@pytest.mark.clause("P-1.1", "P-1.2")
@pytest.mark.parametrize("measure", ["coverage_rate", "committee_rate", "filed_rate"])
def test_bars_of_streets_say_what_their_table_says_the_farthest_first(streets, measure):
    items = streets.get("/coverage?level=street").json()["items"]
    answer = streets.get(f"/coverage?level=street&format=svg&measure={measure}")
    drawn = said(looked_at(answer.text))

    assert answer.headers["content-type"] == "image/svg+xml"
    places = []
    for item in items:
        [one] = [each for each in item["standings"] if each["measure"] == measure]
        rate = "没有数据" if one["value"] is None else f"{float(one['value']):.2%}"
        assert f"{item['name']}，{rate}" in drawn
        assert not one["missing"] or f"差{one['missing']}个，差{one['gap']}个百分点" in drawn
        places.append((one["value"] is None, -float(one["gap"] or 0), drawn.index(item["name"])))
    assert _is_sorted(places)
    assert f"{one['whose']}{float(one['target']):.0%}".replace(" ", "") in drawn


def _is_sorted(places):
    """Whether who is farther from the target stands earlier."""
    return all(one[2] < other[2] for one in places for other in places if one[:2] < other[:2])


def test_a_figure_of_one_division_and_of_a_width_that_is_none(streets):
    assert "东胜区" in said(looked_at(streets.get("/coverage?format=svg&width=320").text))
    assert streets.get("/coverage?format=svg&width=319").status_code == 422


@pytest.mark.clause("P-1.1")
def test_tiles_of_streets_say_what_their_table_says(streets, running, tmp_path):
    asked = "/coverage?level=street&format=svg&figure=places"
    items = streets.get("/coverage?level=street").json()["items"]
    drawn = said(looked_at(streets.get(asked).text))
    for item in items:
        [one] = [each for each in item["standings"] if each["measure"] == "coverage_rate"]
        rate = "—" if one["value"] is None else f"{float(one['value']):.2%}"
        assert f"{item['name']}，{rate}，" in drawn
    assert "示意位置，不是地图" in drawn
    refused = streets.get("/coverage?format=svg&figure=places")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "?level")


def test_the_grid_has_a_place_for_every_street_and_town():
    places = tile_places()
    assert list(places) == [unit.name for unit in named_streets()]
    assert len(set(places.values())) == len(places)


def test_the_district_s_own_map_takes_the_place_of_the_grid(streets, running, tmp_path, monkeypatch):
    ring = [[109.9, 39.8], [110.0, 39.8], [110.0, 39.9], [109.9, 39.8]]
    shape = {"properties": {"name": "天骄街道"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (tmp_path / "map.json").write_text(json.dumps({"features": [shape]}), encoding="utf-8")
    monkeypatch.setattr(running.app.state.settings, "outlines", tmp_path / "map.json")
    drawn = said(looked_at(streets.get("/coverage?level=street&format=svg&figure=places").text))
    assert "天骄街道，50.00%，很低" in drawn
    assert "不是地图" not in drawn
    maps.read.cache_clear()


@pytest.mark.clause("P-3.2")
def test_the_course_says_what_its_table_says(streets):
    answer = streets.get("/coverage/series?format=svg")
    drawn = said(looked_at(answer.text))
    months = streets.get("/coverage/series").json()["months"]
    for month in months:
        for one in month["items"][0]["standings"]:
            counted = one["measure"] == "red_compounds"
            value = f"{one['value']}个" if counted else f"{float(one['value'] or 0):.2%}"
            assert f"{month['month']}{'没有数据' if one['value'] is None else value}" in drawn
    assert "2026-04" in drawn
    refused = streets.get("/coverage/series?format=svg&level=street")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "?street")
    assert "天骄街道" in said(
        looked_at(streets.get("/coverage/series?format=svg&level=street&street=天骄").text)
    )


def test_reports_have_the_numbers_of_their_tables(streets):
    items = streets.get("/coverage?level=street").json()["items"]
    rows = tabled(streets.get("/coverage?level=street&format=docx"))
    assert [row[:3] for row in rows] == [
        [each["name"], f"{each['compounds']}", f"{each['covered']}"] for each in items
    ]
    assert ["天骄街道", "2", "1", "50.00%，差 1 个"] in [row[:4] for row in rows]
    months = streets.get("/coverage/series").json()["months"]
    course = tabled(streets.get("/coverage/series?format=docx"))
    assert [row[0] for row in course] == [each["month"] for each in months]


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("/coverage?level=street", "barChart"),
        ("/coverage/series?level=district", "lineChart"),
        ("/coverage/series?level=street", None),
    ],
)
def test_workbooks_have_a_chart_of_their_own_where_one_can_be_read(streets, asked, kind):
    with zipfile.ZipFile(io.BytesIO(streets.get(f"{asked}&format=xlsx").content)) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if "charts/chart" in name]
        drawings = [parts.read(name).decode() for name in parts.namelist() if "drawings/drawing" in name]
    assert [f"<c:{kind}>" in each for each in charts] == ([True] if kind else [])
    assert all("覆盖率、组建率、备案率" in each for each in drawings)
