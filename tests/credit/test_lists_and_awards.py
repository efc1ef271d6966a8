"""Two years on the black list, repair, access, and the award fund (P-2.3.4b, P-2.3.4c, P-2.3.5a, P-2.3.5b)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from kit.district.clock import SHANGHAI
from kit.testing import Client, Running
from tests.credit.conftest import CODES, listed

WHO = ("credit:read", "credit:write", "credit:evaluate")
FULL = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B11")


class Desk:
    """The housing centre's desk, which moves the clock to the day on which it works."""

    def __init__(self, credit: Running, clock) -> None:
        self._credit, self._clock = credit, clock

    def on(self, day: str, *scopes: str, company: str | None = None) -> Client:
        self._clock.now = datetime.combine(date.fromisoformat(day), self._clock.now.time(), SHANGHAI)
        name = "company" if company else "housing-centre"
        return self._credit.client(*(scopes or WHO), name=name, company=company)

    def enter(self, day: str, company: UUID, *items: str) -> list[str]:
        at = self.on(day)
        made = []
        for item in items:
            body = {"item": item, "company_id": str(company), "acted_at": f"{day}T08:00:00+08:00"}
            answer = at.post("/records", json=body | {"evidence": [{"title": "记录"}]})
            assert answer.status_code == 201, answer.text
            made.append(answer.json()["id"])
        return made

    def evaluate(self, year: int, before_lists: Callable[[], object] = lambda: None) -> str:
        """Take a year from opened to its published lists, in January and February of the next."""
        after = f"{year + 1}-"
        period = {"begins_on": f"{year}-01-01", "ends_on": f"{year}-12-31"}
        id = self.on(after + "01-06").post("/evaluations", json=period).json()["id"]
        for action, day in (
            ("compute", "01-06"), ("publish", "01-06"), ("settle", "01-20"), ("finalise", "01-20"), ("list", "02-20"),
        ):  # fmt: skip
            if action == "list":
                before_lists()
            answer = self.on(after + day).post(f"/evaluations/{id}/{action}")
            assert answer.status_code == 200, answer.text
        return id


@pytest.fixture
def desk(credit, clock) -> Desk:
    return Desk(credit, clock)


def access(client: Client, company: UUID) -> dict:
    return client.get(f"/companies/{company}/access").json()


@pytest.mark.clause("P-2.3.5b")
def test_black_two_years_running_is_key_rectification_until_a_later_year_clears_it(desk, company):
    desk.enter("2024-03-01", company, "B01")
    desk.enter("2024-06-03", company, "N01")
    desk.evaluate(2024)
    at = desk.on("2025-02-21")
    assert at.get("/rectifications").json() == []
    [serious] = desk.enter("2025-06-03", company, "X12")
    desk.evaluate(2025)
    at = desk.on("2026-02-21")
    [found] = at.get("/rectifications").json()
    assert [each["ends_on"] for each in found["periods"]] == ["2024-12-31", "2025-12-31"]
    assert (found["barred_from_awards"], found["exposed"]) == (True, True)
    told = access(at, company)
    assert (told["key_rectification"], told["awards"]["allowed"], told["tenders"]["allowed"]) == (
        True,
        False,
        False,
    )
    assert any("P-2.3.5b" in reason for reason in told["awards"]["reasons"])
    at.post(f"/records/{serious}/put-right", json={"on": "2026-02-21", "reason": "已移交"})
    desk.enter("2026-03-02", company, *FULL)
    desk.evaluate(2026)
    assert desk.on("2027-02-21").get("/rectifications").json() == []


@pytest.mark.clause("P-2.3.4b")
def test_lists_name_the_reasons_and_come_as_a_workbook(desk, company):
    desk.enter("2024-03-01", company, *FULL)
    desk.enter("2024-06-03", company, "X05")
    desk.evaluate(2024)
    at = desk.on("2025-02-21")
    [entry] = at.get("/lists", params={"listed": "black"}).json()["items"]
    assert entry["reasons"] == ["信用等级C（42.00 分）", "有严重不良信息：擅自改变公共建筑、共用设施用途"]
    book = at.get("/lists", params={"format": "xlsx"})
    assert book.headers["content-type"].startswith("application/vnd.openxmlformats")


@pytest.mark.clause("P-2.3.4b")
def test_the_newest_lists_are_those_published_last(desk, company):
    assert desk.on("2024-06-03").get("/lists", params={"newest": "true"}).json()["items"] == []
    for year in (2024, 2025):
        desk.enter(f"{year}-06-03", company, "N01", "X05")
        desk.evaluate(year)
    at = desk.on("2026-02-21")
    assert [each["ends_on"] for each in at.get("/lists").json()["items"]] == ["2024-12-31", "2025-12-31"]
    [entry] = at.get("/lists", params={"newest": "true"}).json()["items"]
    assert entry["ends_on"] == "2025-12-31"


@pytest.mark.clause("P-2.3.4b")
@pytest.mark.parametrize("how", ["withdraw", "correct"])
def test_record_that_is_taken_back_takes_the_company_off_the_public_list_and_changes_no_result(
    desk, company, how
):
    desk.enter("2024-03-01", company, *FULL)
    [wrong] = desk.enter("2024-06-03", company, "N01")
    evaluation = desk.evaluate(2024)
    at = desk.on("2025-03-03")
    right = {
        "item": "G04",
        "company_id": str(company),
        "acted_at": "2024-06-03T08:00:00+08:00",
        "evidence": [{"title": "决定"}],
    }
    body = {"reason": "查无此事"} | ({"record": right} if how == "correct" else {})
    assert at.post(f"/records/{wrong}/{how}", json=body).is_success
    [entry] = at.get("/lists").json()["items"]
    assert (entry["listed"], entry["left_on"]) == ("black", "2025-03-03")
    assert at.get(f"/evaluations/{evaluation}/verify").json()["equal"] is True


@pytest.mark.clause("P-2.3.4b")
def test_record_that_is_taken_back_between_final_and_list_is_not_public_either(desk, company):
    desk.enter("2024-03-01", company, *FULL)
    [wrong] = desk.enter("2024-06-03", company, "N01")

    def taken_back() -> None:
        answer = desk.on("2025-02-03").post(f"/records/{wrong}/withdraw", json={"reason": "查无此事"})
        assert answer.status_code == 200

    desk.evaluate(2024, before_lists=taken_back)
    [entry] = desk.on("2025-02-21").get("/lists").json()["items"]
    assert (entry["listed"], entry["left_on"]) == ("black", "2025-02-20")


@pytest.mark.clause("P-2.3.4b")
def test_two_records_taken_back_at_once_take_the_company_off_once(desk, company):
    desk.enter("2024-03-01", company, *FULL)
    wrong = desk.enter("2024-06-03", company, "N01", "N02")
    desk.evaluate(2024)
    at = desk.on("2025-03-03")

    def withdraw(record: str) -> int:
        return at.post(f"/records/{record}/withdraw", json={"reason": "查无此事"}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(withdraw, wrong)) == [200, 200]
    [entry] = at.get("/lists").json()["items"]
    assert entry["left_on"] == "2025-03-03"


class TestRepair:
    """A record of June 2024 without which the company would not be on the black list of that year."""

    @pytest.fixture
    def black(self, desk, company) -> tuple[str, str]:
        desk.enter("2024-03-01", company, *FULL)
        [bad] = desk.enter("2024-06-03", company, "N01")
        return desk.evaluate(2024), bad

    def apply(self, desk, day: str, record: str):
        body = {"commitment": "已整改", "evidence": [{"title": "复查意见"}]}
        own = desk.on(day, "credit:read", "credit:company", company=CODES[0])
        return own.post(f"/records/{record}/repairs", json=body)

    @pytest.mark.clause("P-2.3.4a")
    def test_repaired_record_leaves_score_and_public_list_and_no_final_result(self, desk, company, black):
        evaluation, bad = black
        before = desk.on("2025-03-03").get(f"/companies/{company}/score").json()
        filed = self.apply(desk, "2025-03-03", bad)
        assert (filed.status_code, filed.json()["due_on"]) == (201, "2025-03-10")
        at = desk.on("2025-03-04")
        assert at.post(f"/repairs/{filed.json()['id']}/approve", json={"decision": "属实"}).status_code == 200
        after = at.get(f"/companies/{company}/score").json()
        assert Decimal(after["score"]) - Decimal(before["score"]) == 7
        [entry] = at.get("/lists").json()["items"]
        assert (entry["listed"], entry["left_on"], entry["exit_reason"]) == (
            "black",
            "2025-03-04",
            "信用修复",
        )
        assert at.get(f"/evaluations/{evaluation}/verify").json()["equal"] is True
        assert [each["action"] for each in at.get(f"/records/{bad}").json()["amendments"]] == ["repaired"]

    @pytest.mark.parametrize(("day", "status"), [("2025-05-31", 409), ("2025-06-01", 201)])
    def test_repair_waits_for_its_minimum_and_says_from_when(self, desk, company, black, day, status):
        [bad] = desk.enter("2025-03-01", company, "N03")
        answer = self.apply(desk, day, bad)
        assert answer.status_code == status
        assert status == 201 or answer.json()["repairable_from"] == "2025-06-01"

    def test_expired_record_needs_no_repair(self, desk, black):
        answer = self.apply(desk, "2025-06-03", black[1])
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:dongsheng:problem:nothing-to-repair")

    def test_record_of_another_is_not_there(self, credit, desk, black):
        other = listed(credit, "乙物业（虚构）", CODES[1])
        [bad] = desk.enter("2025-01-13", other, "N03")
        assert self.apply(desk, "2025-06-02", bad).status_code == 404


class TestAwards:
    pytestmark = pytest.mark.clause("P-2.3.5a")

    @pytest.fixture
    def red(self, credit, desk, company) -> list[UUID]:
        """Two companies with all that an award needs in 2024, of 92.00 and 91.00."""
        other = listed(credit, "乙物业（虚构）", CODES[1])
        for each, more in (
            (company, ("G01", "G02", "G03", "G05", "G06", "G07", "G09", "G08")),
            (other, ("G01", "G02", "G03", "G05", "G06", "G07", "G08")),
        ):
            desk.enter("2024-03-01", each, *FULL, *more)
            credit.sql(
                "INSERT INTO records (id, company_id, item, acted_at, entered_at, share_part, share_whole, origin, origin_key,"
                " recorder, client, evidence) SELECT gen_random_uuid(), %s, item, '2024-03-01', '2024-03-01', 1, 1, 'test',"
                " %s || item, 'system', 'test', '[]' FROM unnest(ARRAY['B08', 'B09', 'B10']) AS item",
                each, str(each),
            )  # fmt: skip
        at = desk.on("2025-01-06")
        for each in (company, other):
            body = {
                "company_id": str(each),
                "year": 2024,
                "result": "excellent",
                "source": "2024 年度考核通报",
            }
            assert at.post("/assessments", json=body).status_code == 201
        desk.evaluate(2024)
        return [company, other]

    def test_fund_is_shared_out_to_the_fen_by_score(self, desk, red):
        answer = desk.on("2025-02-21").post("/awards/2024")
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert (told["given"], told["fund"]) == ("3000000.00", "3000000.00")
        assert [each["weight"] for each in told["awards"]] == [10500, 10400]
        assert [each["amount"] for each in told["awards"]] == ["1507177.03", "1492822.97"]

    def test_nobody_eligible_pays_nothing(self, desk, company):
        desk.enter("2024-03-01", company, *FULL)
        desk.evaluate(2024)
        told = desk.on("2025-02-21").post("/awards/2024").json()
        assert (told["given"], told["awards"]) == ("0.00", [])

    @pytest.mark.parametrize(("year", "status"), [(2024, 201), (2025, 422)])
    def test_year_to_come_is_not_assessed_yet(self, desk, company, year, status):
        body = {"company_id": str(company), "year": year, "result": "excellent", "source": "考核通报"}
        answer = desk.on("2024-12-31").post("/assessments", json=body)
        assert answer.status_code == status
        assert status == 201 or answer.json()["errors"][0]["pointer"] == "/year"

    def test_never_more_than_the_fund_under_concurrent_changes(self, desk, red):
        at = desk.on("2025-02-21")
        at.post("/awards/2024")
        for each in red:
            at.put(f"/awards/2024/companies/{each}", json={"amount": "1000000.00", "reason": "纪要"})

        def raise_to(each: UUID) -> int:
            body = {"amount": "2000000.00", "reason": "纪要"}
            return at.put(f"/awards/2024/companies/{each}", json=body).status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(raise_to, red)) == [200, 409]
        assert at.get("/awards/2024").json()["given"] == "3000000.00"

    def test_three_years_and_no_fourth(self, desk, company):
        desk.enter("2027-03-01", company, *FULL)
        desk.evaluate(2027)
        answer = desk.on("2028-02-21").post("/awards/2027")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:dongsheng:problem:no-fund")
