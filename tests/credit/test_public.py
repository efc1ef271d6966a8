"""What the public queries without a token: companies by name or code, and the published lists."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.web.problems import TooMany
from services.credit.window import Window
from tests.contract.documents import operations
from tests.credit.conftest import CODES, listed
from tests.credit.test_exchange import rows_of
from tests.credit.test_lists_and_awards import FULL, Desk

NOW = datetime(2024, 6, 24, tzinfo=UTC)


@pytest.fixture
def desk(credit, clock) -> Desk:
    return Desk(credit, clock)


@pytest.fixture
def ask(credit):
    """Whoever calls, without a token."""
    return lambda path="/public/companies", address="192.0.2.1", **params: credit.stranger().get(
        path, params=params, headers={"x-forwarded-for": address}
    )


@pytest.mark.clause("P-2.3.2b")
class TestCompanies:
    def test_by_name_or_code_with_grade_and_score_of_today(self, credit, company, enter, score, ask):
        listed(credit, "乙管家（虚构）", CODES[1])
        enter("B01", company)
        for params in ({"name": "物业"}, {"uscc": CODES[0]}):
            [found] = ask(**params).json()["items"]
            told = score()
            assert (found["name"], found["score"], found["grade"]) == (
                "甲物业（虚构）",
                told["score"],
                told["grade"],
            )
        assert len(ask().json()["items"]) == 2

    def test_says_what_is_public_and_nothing_of_records_or_who_entered_them(self, company, enter, ask):
        enter("N03", company, note="张三，13812345678")
        [found] = ask(uscc=CODES[0]).json()["items"]
        assert found.keys() == {"name", "uscc", "score", "grade", "as_of", "scheme", "lists", "basis"}

    def test_lists_are_told_until_the_company_left_them(self, credit, desk, company, ask):
        desk.enter("2024-03-01", company, *FULL)
        desk.enter("2024-06-03", company, "N01")
        evaluation = desk.evaluate(2024)
        desk.on("2025-03-03")
        [on] = ask(uscc=CODES[0]).json()["items"][0]["lists"]
        assert (on["listed"], on["ends_on"]) == ("black", "2024-12-31")
        credit.sql(
            "INSERT INTO list_exits VALUES (%s, %s, '2025-03-03', '信用修复', now())", evaluation, company
        )
        assert ask(uscc=CODES[0]).json()["items"][0]["lists"] == []

    def test_of_one_address_so_many_a_minute_and_others_go_on(self, company, clock, ask):
        answers = [ask(address="192.0.2.7") for _ in range(61)]
        assert [each.status_code for each in answers] == [200] * 60 + [429]
        assert answers[-1].json()["type"] == "urn:dongsheng:problem:too-many-queries"
        assert answers[-1].headers["retry-after"] == "60"
        assert ask(address="192.0.2.8").status_code == 200
        clock.advance(seconds=60)
        assert ask(address="192.0.2.7").status_code == 200


class TestWindow:
    @given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 90)), max_size=60))
    def test_no_address_is_let_through_more_often_than_allowed_in_its_window(self, requests):
        window, now = Window(3, timedelta(seconds=60), most=100), NOW
        let: dict[int, list[datetime]] = {}
        for address, seconds in requests:
            now += timedelta(seconds=seconds)
            try:
                window.count(str(address), now)
            except TooMany as error:
                assert 0 < int(error.headers["Retry-After"]) <= 60
                begun = let[address][-3]
                assert now < begun + timedelta(seconds=60)
            else:
                let.setdefault(address, []).append(now)

    def test_remembers_a_bounded_number_of_addresses(self):
        window = Window(most=10)
        for address in range(1000):
            window.count(str(address), NOW)
        assert len(window) == 10

    def test_a_clock_put_back_begins_a_new_window(self):
        window = Window(1)
        window.count("a", NOW)
        window.count("a", NOW - timedelta(hours=1))


@pytest.mark.clause("P-2.3.4b")
class TestLists:
    @pytest.fixture
    def black(self, credit, desk, company) -> str:
        """A company on the black list for two serious matters, of which one is repaired since."""
        desk.enter("2024-03-01", company, *FULL)
        repaired, _ = desk.enter("2024-06-03", company, "X05", "X12")
        evaluation = desk.evaluate(2024)
        credit.sql(
            "INSERT INTO amendments (id, record_id, action, effective_on, reason, entered_at, client)"
            " VALUES (gen_random_uuid(), %s, 'repaired', '2025-07-01', '信用修复', now(), 'test')",
            repaired,
        )
        desk.on("2025-07-02")
        return evaluation

    def test_without_a_token_as_json_and_as_a_workbook(self, black, ask):
        [entry] = ask("/public/lists", listed="black", evaluation=black).json()["items"]
        assert ask("/public/lists", listed="black", newest=True).json()["items"] == [entry]
        assert (entry["name"], entry["listed"], entry["left_on"]) == ("甲物业（虚构）", "black", None)
        assert ask("/public/lists", listed="red").json()["items"] == []
        book = ask("/public/lists", format="xlsx")
        assert "甲物业（虚构）" in [cell for row in rows_of(book) for cell in row]

    def test_what_is_repaired_since_is_named_no_more_and_stays_for_those_inside(
        self, credit, centre, desk, black, ask
    ):
        inside = desk.on("2025-07-02")
        told = [
            ask("/public/lists").text,
            ask("/public/lists/page").text,
            ask("/public/companies", uscc=CODES[0]).text,
            str(rows_of(ask("/public/lists", format="xlsx"))),
            inside.get("/exchange/black-list").text,
        ]
        for text in told:
            assert "拒不移交" in text
            assert "擅自改变公共建筑" not in text
        assert "擅自改变公共建筑" in inside.get("/lists").text


def test_every_operation_of_the_public_is_limited():
    unlimited = [
        path
        for _, path, operation in operations("credit")
        if not operation["security"] and "429" not in operation["responses"]
    ]
    # What errors mean says nothing of a company; the gateway limits it by address, as all that needs no token.
    assert unlimited == ["/credit/v1/problems"]


def test_grade_is_limited_with_all_else_that_the_public_asks(company, ask):
    states = [ask(path).status_code for path in 30 * (f"/companies/{CODES[0]}/grade", "/public/lists")]
    assert set(states) == {200}
    assert ask(f"/companies/{CODES[0]}/grade").status_code == 429
    assert ask(f"/companies/{CODES[0]}/grade", address="192.0.2.8").status_code == 200


@pytest.mark.clause("P-2.3.4b")
class TestListsPage:
    def test_shows_both_lists_with_reasons_and_says_what_it_is_not(self, credit, desk, company, ask):
        other = listed(credit, "乙物业<b>（虚构）", CODES[1])
        desk.enter("2024-03-01", company, *FULL, "G01", "G02", "G03", "G05", "G06", "G07", "G09", "G08")
        desk.enter("2024-06-03", other, "X05")
        desk.evaluate(2024)
        page = ask("/public/lists/page")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "不是严重失信主体名单" in page.text
        assert "有严重不良信息：擅自改变公共建筑、共用设施用途" in page.text
        assert "乙物业&lt;b&gt;（虚构）" in page.text
        assert "http" not in page.text

    def test_before_any_list_it_says_so(self, ask):
        assert "还没有公布红黑榜" in ask("/public/lists/page").text
