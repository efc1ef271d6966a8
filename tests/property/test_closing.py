"""The closing evaluation of April 2026: targets, course, streets and overdue duties in one report (P-3.2)."""

import io
import re
import zipfile
from datetime import datetime
from html.parser import HTMLParser

import pytest

from kit.district.clock import SHANGHAI
from kit.workbooks.reading import read
from services.property.surveys.form import Status
from tests.property.conftest import row

pytestmark = pytest.mark.clause("P-3.2")


@pytest.fixture(autouse=True)
def in_may_2026(clock) -> None:
    clock.now = datetime(2026, 5, 8, 9, 30, tzinfo=SHANGHAI)


@pytest.fixture
def three(submit) -> None:
    """Two compounds of April 2024, one of which is covered, and from 2025 on three, all covered."""
    submit(row("甲小区"), row("乙小区", Status.NONE), as_of="2024-04-28")
    submit(row("甲小区"), row("乙小区", Status.QUASI), row("丙小区"), as_of="2025-03-20")


def test_it_tells_targets_course_streets_and_duties_as_of_the_end_of_april(centre, three):
    told = centre.get("/coverage/closing").json()
    assert (told["on"], told["ahead"]) == ("2026-04-30", False)
    standings = {one["measure"]: one["met"] for one in told["district"]["standings"]}
    assert standings == {
        "coverage_rate": True,
        "committee_rate": False,
        "red_compounds": False,
        "filed_rate": False,
    }
    assert (told["reached"], told["missed"]) == (1, 3)
    rates = [month["items"][0]["standings"][0]["value"] for month in told["months"]]
    assert (len(rates), rates[0], rates[10], rates[11], rates[-1]) == (
        25,
        "0.5000",
        "0.5000",
        "1.0000",
        "1.0000",
    )
    assert [street["name"] for street in told["streets"] if street["reported"]] == ["天骄街道"]
    filing = next(each for each in told["duties"] if each["clause"] == "P-2.2.5")
    assert filing["overdue"] == 3
    assert told["basis"][0]["clause"] == "P-3.2"


def test_of_a_day_to_come_it_says_that_it_is_a_forecast(centre, three, clock):
    clock.now = datetime(2026, 5, 8, 9, 40, tzinfo=SHANGHAI)
    assert centre.get("/coverage/closing", params={"on": "2026-12-31"}).json()["ahead"] is True


def test_the_workbook_has_charts_of_its_own(centre, three):
    book = centre.get("/coverage/closing", params={"format": "xlsx"}).content
    assert [sheet.name for sheet in read(book)] == ["目标", "逐月进展", "各街道（镇）", "履职事项"]
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if "charts/chart" in name]
    [lines] = [chart for chart in charts if "<c:lineChart>" in chart]
    assert [name in lines for name in ("覆盖率", "组建率", "备案率")] == [True, True, True]
    assert [f"!${column}$" in lines for column in "IJKLM"] == [False, True, True, True, False]
    assert sum("<c:barChart>" in chart for chart in charts) == 1


class Page(HTMLParser):
    """What a page has: its tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_prints_on_a4_with_nothing_from_elsewhere(centre, three):
    answer = centre.get("/coverage/closing", params={"format": "html"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(answer.text)
    names = [tag for tag, _ in page.tags]
    assert (names.count("h1"), names.count("table"), names.count("svg")) == (1, 3, 1)
    assert ("html", {"lang": "zh-CN"}) in page.tags
    assert not any({"src", "href"} & attrs.keys() for _, attrs in page.tags)
    assert "size:A4" in answer.text
    assert re.search(r"1 项目标达到，3 项没有达到", answer.text)


def test_the_course_is_drawn_with_words_for_who_does_not_see_it(centre, three):
    answer = centre.get("/coverage/series.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "物业服务覆盖率：2026-04 为 100.00%" in answer.text
    assert answer.text == centre.get("/coverage/series?format=svg").text
