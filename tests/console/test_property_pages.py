"""/targets, /district, /streets/{name} and /pace: what the surveys say, as pages."""

import re

import pytest

from console.web.measures import by_gap
from services.property.app import service as property_service
from services.property.surveys.form import Status
from tests.console.conftest import Desk, Person
from tests.console.crowd import faults
from tests.property.conftest import hand_in, row, workbook


@pytest.fixture
def leader(desk: Desk, behind) -> Person:
    running = behind(property_service)
    centre = running.client("property:read", "property:write")
    rows = (
        row("一苑"),
        row("二苑", Status.NONE),
        row("三苑", Status.NONE, street="铜川镇", community="枳机塔村"),
    )
    assert hand_in(centre, workbook(*rows)).status_code == 201
    return desk.sit("leader", unit="district-government")


@pytest.mark.clause("P-1.1", "P-3.2")
def test_streets_stand_by_their_gap_beside_the_figure_of_the_same_numbers(leader: Person) -> None:
    shown = leader.see("/targets")
    first, second = re.findall(r"/streets/(\S+?)\"", shown.text)[:2]
    assert (first, second) == ("铜川镇", "天骄街道")
    assert shown.words.count("50.00%") == 5, (
        "in the table, and in drawing and words of the figure, for a phone and for a desk"
    )
    assert "全区还差 2 个小区" in shown.words
    assert "东政发〔2024〕18号" in shown.words


@pytest.mark.parametrize("measure", ["committee_rate", "filed_rate", "no-such"])
def test_another_measure_is_asked_for_by_its_name(leader: Person, measure: str) -> None:
    shown = leader.see(f"/targets?measure={measure}")
    chosen = re.search(r'aria-current="true">(.*?)</a>', shown.text)
    assert shown.status == 200
    assert chosen and chosen[1] == {
        "committee_rate": "业委会（物管会）组建率",
        "filed_rate": "合同备案率",
        "no-such": "物业服务覆盖率",
    }.get(measure)


def test_the_district_is_shown_as_tiles_that_are_said_to_be_no_map(leader: Person) -> None:
    words = leader.see("/district").words
    assert "示意位置，不是地图" in words
    assert words.count("泊尔江海子镇") >= 3


def test_a_street_shows_which_compounds_lack_what_and_since_when_it_is_surveyed(leader: Person) -> None:
    words = leader.see("/streets/天骄街道").words
    assert "摸底截至 2024-06-20" in words
    assert "物业服务覆盖率：1 个小区" in words
    assert "二苑 团结社区 200 无物业 2024-06-20" in words
    assert "三苑" not in words, "it is another street's"
    assert "超期未办的事项" in words


@pytest.mark.parametrize("name", ["康巴什区", "x", "<b>"])
def test_a_street_that_is_not_there(leader: Person, name: str) -> None:
    assert leader.see(f"/streets/{name}").status == 404


@pytest.mark.clause("P-3.2")
def test_a_street_with_hundreds_of_compounds_stays_light_and_leads_to_all(desk: Desk, leader: Person) -> None:
    desk.crowd()
    shown = leader.see("/streets/天骄街道")
    assert faults(shown) == []
    assert "接着看" in shown.words


@pytest.mark.parametrize("page", ["/targets", "/district", "/pace"])
def test_figures_and_tables_of_the_district_are_light_and_say_what_they_rest_on(
    leader: Person, page: str
) -> None:
    missing = {"no name is there as it is written"}  # theirs are the district's own
    assert set(faults(leader.see(page))) <= missing


def test_the_course_of_months_stands_beside_the_stair_of_targets(leader: Person) -> None:
    words = leader.see("/pace").words
    assert "2024-06 3 33.33% 目标 100%" in words
    assert "目标 80%" in words


@pytest.mark.parametrize(
    ("address", "kind"),
    [("/targets.xlsx", "spreadsheetml"), ("/targets.docx", "wordprocessingml"), ("/pace.docx", "wordprocessingml"), ("/targets.svg?measure=filed_rate", "svg"), ("/district.svg", "svg"),
     ("/streets/天骄街道.xlsx", "spreadsheetml"), ("/pace.xlsx", "spreadsheetml"), ("/pace.svg", "svg")],
)  # fmt: skip
def test_the_same_is_had_as_a_file(leader: Person, address: str, kind: str) -> None:
    answer = leader.http.get(address)
    assert answer.status_code == 200
    assert kind in answer.headers["content-type"]
    assert len(answer.content) > 1000


def test_a_file_is_for_who_may_see_its_page_and_missing_where_the_service_is_away(desk: Desk) -> None:
    assert desk.sit("auditor", "a").see("/targets.xlsx").status == 403
    assert desk.sit("leader", "b", unit="district-government").see("/targets.xlsx").status == 503


@pytest.mark.parametrize("page", ["/targets", "/district", "/streets/天骄街道", "/pace"])
def test_without_the_service_a_page_says_so(desk: Desk, page: str) -> None:
    shown = desk.sit("leader", unit="district-government").see(page)
    assert (shown.status, "物业服务暂时连接不上" in shown.words) == (200, True)


def test_those_without_data_stand_last() -> None:
    divisions = [
        {"name": name, "standings": [{"measure": "m", "value": value, "gap": gap}]}
        for name, value, gap in (
            ("none", None, None),
            ("met", "1", "0"),
            ("far", "0.5", "50"),
            ("near", "0.9", "10"),
        )
    ]
    assert [each["name"] for each, _ in by_gap(divisions, "m")] == ["far", "near", "met", "none"]
