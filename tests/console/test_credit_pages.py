"""/credit, /credit/{uscc} and /public/credit: who is red, who black, and why; and the same for everybody."""

import re

import pytest

from console.pages.credit import still_listed
from console.web.gateway import Told
from services.credit.app import service as credit_service
from tests.console.conftest import Desk, Person
from tests.console.crowd import faults
from tests.credit.conftest import CODES, listed
from tests.credit.test_lists_and_awards import FULL
from tests.credit.test_lists_and_awards import Desk as Centre


@pytest.fixture
def centre(desk: Desk, behind) -> Centre:
    """The housing centre, at whose desk two companies were evaluated: the first ends on the black list, the other on none."""
    running = behind(credit_service)
    made = Centre(running, desk.clock)
    first, _ = listed(running, "甲物业（虚构）", CODES[0]), listed(running, "乙管家<b>", CODES[1])
    made.enter("2024-03-01", first, *FULL)
    made.enter("2024-06-03", first, "N01")
    made.evaluate(2024)
    made.on("2025-03-03")
    return made


@pytest.fixture
def leader(desk: Desk, centre: Centre) -> Person:
    return desk.sit("leader", unit="district-government")


@pytest.mark.clause("P-2.3.4b")
def test_the_lists_say_who_is_on_them_since_when_and_why(leader: Person) -> None:
    words = leader.see("/credit").words
    assert "黑榜 1" in words
    assert "甲物业（虚构）" in words
    assert "评价周期 2024-01-01 至 2024-12-31，2025-02-20 公布" in words
    assert "目前没有企业列入红榜。" in words


def test_a_company_is_found_by_a_part_of_its_name_and_shown_as_it_is_written(leader: Person) -> None:
    shown = leader.see("/credit?name=管家")
    assert "乙管家<b>" in shown.words
    assert "乙管家<b>" not in shown.text
    assert "没有名称中含“丙”的企业。" in leader.see("/credit?name=丙").words


@pytest.mark.clause("P-2.3.2a")
def test_a_company_shows_each_step_from_its_start_to_its_score_beside_the_figure(leader: Person) -> None:
    shown = leader.see(f"/credit/{CODES[0]}")
    assert "起评分" in shown.words
    assert "N01" in shown.words
    assert "诚信档案" in shown.words
    assert "列入黑榜" in shown.words or "黑榜" in shown.words
    assert shown.text.count("<svg") == 2, "for a phone and for a desk"


@pytest.mark.parametrize("uscc", ["91150602MA0DEMF99X", "x", "<i>"])
def test_a_company_that_is_not_there(leader: Person, uscc: str) -> None:
    assert leader.see(f"/credit/{uscc}").status == 404


def test_everybody_reads_what_is_published_without_sign_in_and_nothing_of_records(
    desk: Desk, centre: Centre
) -> None:
    shown = desk.somebody().see("/public/credit?name=物业")
    assert shown.status == 200
    assert "黑榜 1" in shown.words
    assert shown.words.count("甲物业（虚构）") == 2, "on the list, and found by its name"
    assert "/credit/9115" not in shown.text, "no way to what is not public"


def test_a_company_sees_its_own_score_and_no_other(desk: Desk, centre: Centre) -> None:
    own = desk.sit("company", "jia", company=CODES[0])
    assert own.see(f"/credit/{CODES[0]}").status == 200
    assert "起评分" not in own.see(f"/credit/{CODES[1]}").words


def test_without_the_service_the_pages_say_so(desk: Desk) -> None:
    assert "信用评价服务暂时连接不上" in desk.somebody().see("/public/credit").words
    leader = desk.sit("leader", unit="district-government")
    assert "信用评价服务暂时连接不上" in leader.see(f"/credit/{CODES[0]}").words


def test_who_has_left_the_black_list_stands_there_no_more() -> None:
    entries = [
        {"listed": "black", "left_on": None, "name": "on"},
        {"listed": "black", "left_on": "2025-03-01"},
    ]
    assert [each["name"] for each in still_listed(Told(200, {"items": entries}))] == ["on"]


@pytest.mark.parametrize("address", ["/credit", "/credit?name=物业", "/public/credit", f"/credit/{CODES[0]}"])
def test_with_hundreds_of_companies_and_records_a_page_stays_light_and_goes_on(
    desk: Desk, leader: Person, address: str
) -> None:
    desk.crowd()
    shown = leader.see(address)
    assert faults(shown) == []
    assert "接着看" in shown.words


@pytest.mark.clause("P-2.3.2a")
def test_each_step_says_its_proof_and_from_when_on_it_may_be_repaired_and_until_when_to_object(
    leader: Person, centre: Centre
) -> None:
    words = leader.see(f"/credit/{CODES[0]}").words
    assert re.search(r" N01 .{,90} 记录 .{,20} 2024-\d\d-03 ", words), "some months after 3 June"
    assert "现在没有公示中的评价，公示期间才能提出异议。" in words


def test_the_public_sees_the_lists_that_were_published_last(desk: Desk, centre: Centre) -> None:
    assert "评价周期 2024-01-01 至 2024-12-31" in desk.somebody().see("/public/credit").words
    desk.door.asked.clear()
    desk.somebody().see("/public/credit")
    assert all(asked.url.params["newest"] == "true" for asked in desk.door.asked)
