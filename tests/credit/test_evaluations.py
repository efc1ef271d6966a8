"""An evaluation goes its way from opened to its lists; final results stay as they are (P-2.3.2a, P-2.3.2b)."""

from datetime import date, datetime, timedelta

import psycopg
import pytest

from kit.district.clock import SHANGHAI
from kit.storage.db import new_id
from kit.testing import Client
from tests.credit.conftest import CODES, held, listed
from tests.credit.test_intake import found, taken, withdrawn

pytestmark = pytest.mark.clause("P-2.3.2b")
YEAR = {"begins_on": "2024-01-01", "ends_on": "2024-12-31"}


@pytest.fixture(autouse=True)
def in_january(clock) -> None:
    clock.now = datetime(2025, 1, 6, 9, 30, tzinfo=SHANGHAI)


def on(clock, day: str) -> None:
    clock.now = datetime.combine(date.fromisoformat(day), clock.now.time(), SHANGHAI)


def step(client: Client, evaluation: str, action: str, status: int = 200) -> dict:
    answer = client.post(f"/evaluations/{evaluation}/{action}")
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
def opened(centre) -> str:
    answer = centre.post("/evaluations", json=YEAR)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def results(client: Client, evaluation: str, **params) -> list[tuple[str, str, str, int]]:
    rows = client.get(f"/evaluations/{evaluation}/results", params=params).json()["items"]
    return [(row["name"], row["score"], row["grade"], row["rank"]) for row in rows]


def test_year_is_evaluated_to_its_lists(credit, clock, enter, company, opened):
    at_home = credit.client("credit:read", "credit:write", "credit:evaluate", name="housing-centre")
    enter("B01", company, on="2024-03-01")
    enter("N03", company, on="2024-06-20")
    step(at_home, opened, "compute")
    published = step(at_home, opened, "publish")
    assert published["objections_until"] == "2025-01-13"
    on(clock, "2025-01-13")
    centre = credit.client("credit:read", "credit:write", "credit:evaluate", name="housing-centre")
    assert step(centre, opened, "settle", 409)["until"] == "2025-01-13"
    on(clock, "2025-01-14")
    centre = credit.client("credit:read", "credit:write", "credit:evaluate", name="housing-centre")
    step(centre, opened, "settle")
    step(centre, opened, "finalise")
    assert results(centre, opened) == [("甲物业（虚构）", "18.00", "C", 1)]
    assert step(centre, opened, "list", 409)["type"].endswith("in-publicity")


def final(credit, clock, evaluation: str) -> Client:
    for action, day in (
        ("compute", "2025-01-06"),
        ("publish", "2025-01-06"),
        ("settle", "2025-01-14"),
        ("finalise", "2025-01-14"),
    ):
        on(clock, day)
        centre = credit.client("credit:read", "credit:write", "credit:evaluate", name="housing-centre")
        step(centre, evaluation, action)
    return centre


def test_fact_that_comes_later_changes_the_score_and_never_a_final_result(
    credit, clock, enter, score, company, opened
):
    enter("B01", company, on="2024-03-01")
    final(credit, clock, opened)
    known = clock.now
    on(clock, "2025-02-10")
    later = credit.client("credit:read", "credit:write", "credit:evaluate", name="housing-centre")
    enter("N01", company, on="2024-11-03", by=later)

    def told(**params):
        return later.get(f"/companies/{company}/score", params={"as_of": "2024-12-31"} | params).json()[
            "score"
        ]

    assert results(later, opened) == [("甲物业（虚构）", "24.00", "B", 1)]
    assert (told(), told(known_at=known.isoformat())) == ("17.00", "24.00")
    assert later.get(f"/evaluations/{opened}/verify").json()["equal"] is True


def test_final_results_are_frozen_in_the_database(credit, clock, enter, company, opened):
    enter("B01", company, on="2024-03-01")
    final(credit, clock, opened)
    with pytest.raises(psycopg.errors.RestrictViolation):
        credit.sql("UPDATE results SET score = 100")


def test_verification_names_what_differs(credit, clock, enter, company, opened):
    enter("B01", company, on="2024-03-01")
    centre = final(credit, clock, opened)
    credit.sql("SET session_replication_role = replica; UPDATE results SET score = 100, grade = 'AAA'")
    found = centre.get(f"/evaluations/{opened}/verify").json()
    assert (found["equal"], [(each["score"], each["anew"]) for each in found["differences"]]) == (
        False,
        [("100", "24.00")],
    )


def test_what_is_entered_after_publication_is_in_no_result_and_what_was_corrected_is(
    credit, clock, enter, company, opened
):
    wrong = enter("N01", company, on="2024-06-20")["id"]
    right = {"item": "N03", "company_id": str(company), "acted_at": "2024-06-20T10:00:00+08:00",
             "evidence": [{"title": "决定"}]}  # fmt: skip
    for action, day in (
        ("compute", "2025-01-06"),
        ("publish", "2025-01-06"),
        ("settle", "2025-01-14"),
        ("finalise", "2025-01-14"),
    ):
        on(clock, day)
        at = credit.client("credit:read", "credit:write", "credit:evaluate", name="housing-centre")
        if action == "settle":
            late = enter("N01", company, on="2024-11-03", by=at)["id"]
            for record in (wrong, late):
                answer = at.post(f"/records/{record}/correct", json={"reason": "种类有误", "record": right})
                assert answer.status_code == 201, answer.text
        step(at, opened, action)
    [(_, final_score, *_)] = results(at, opened)
    now = at.get(f"/companies/{company}/score", params={"as_of": "2024-12-31"}).json()["score"]
    assert (final_score, now) == ("-6.00", "-12.00")
    assert at.get(f"/evaluations/{opened}/verify").json()["equal"] is True


def test_what_an_event_takes_back_and_makes_again_after_publication_still_takes_part(
    credit, clock, centre, company, opened
):
    finding = new_id()
    taken(credit, found(finding, company))
    for action in ("compute", "publish"):
        step(centre, opened, action)
    before = results(centre, opened)
    taken(credit, withdrawn(finding))
    taken(credit, found(finding, company))
    on(clock, "2025-01-14")
    at = credit.client("credit:read", "credit:write", "credit:evaluate", name="housing-centre")
    for action in ("settle", "finalise"):
        step(at, opened, action)
    assert results(at, opened) == before == [("甲物业（虚构）", "-1.00", "C（缺失）", 1)]


def test_projects_are_verified_as_they_were_held_then(credit, clock, enter, company, opened):
    project = held(credit, company, 500)
    enter("N01", project_id=str(project))
    at = final(credit, clock, opened)
    before = results(at, opened, of="projects")
    credit.sql("DELETE FROM holdings")
    told = at.get(f"/evaluations/{opened}/verify").json()
    assert (len(before), told["checked"], told["equal"]) == (1, 2, True)


def test_results_that_were_not_computed_are_not_verified(centre, opened):
    answer = centre.get(f"/evaluations/{opened}/verify")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:dongsheng:problem:not-computed")


def test_company_sees_its_results_once_they_are_published(credit, centre, company, opened):
    own = credit.client("credit:read", "credit:company", name="company", company=CODES[0])
    step(centre, opened, "compute")
    assert own.get(f"/evaluations/{opened}/results").status_code == 409
    step(centre, opened, "publish")
    assert [row[0] for row in results(own, opened)] == ["甲物业（虚构）"]


def test_evaluation_is_given_up_until_it_is_published_and_its_period_evaluated_anew(centre, company, opened):
    step(centre, opened, "compute")
    answer = centre.post(f"/evaluations/{opened}/cancel", json={"note": "方案有误"})
    assert (answer.json()["state"], answer.json()["allowed"]) == ("cancelled", [])
    assert results(centre, opened) == []
    again = centre.post("/evaluations", json=YEAR).json()["id"]
    step(centre, again, "compute")
    step(centre, again, "publish")
    assert centre.post(f"/evaluations/{again}/cancel", json={"note": "太晚"}).status_code == 409


def test_scheme_that_would_change_earlier_scores_is_refused(centre):
    scheme = centre.get("/schemes/default-2026-1").json()["scheme"]
    answer = centre.post("/schemes", json=scheme | {"code": "earlier-1", "effective_from": "2025-01-05"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/effective_from")


def test_equal_scores_share_a_rank(credit, centre, enter, company, opened):
    others = [listed(credit, f"{name}物业（虚构）") for name in "乙丙丁"]
    for each, item in ((company, "B01"), (others[0], "B02"), (others[1], "B02"), (others[2], "B11")):
        enter(item, each, on="2024-03-01")
    step(centre, opened, "compute")
    assert [(score, rank) for _, score, _, rank in results(centre, opened)] == [
        ("24.00", 1), ("16.00", 2), ("16.00", 2), ("8.00", 4),
    ]  # fmt: skip


def test_period_that_is_not_over_is_not_computed(centre):
    opened = centre.post("/evaluations", json={"begins_on": "2025-01-01", "ends_on": "2025-12-31"}).json()[
        "id"
    ]
    assert step(centre, opened, "compute", 409)["ends_on"] == "2025-12-31"


def test_later_scheme_changes_no_earlier_score(centre, enter, company, score):
    enter("N01", company, on="2024-06-20")
    before = centre.get(f"/companies/{company}/score", params={"as_of": "2024-12-31"}).content
    scheme = centre.get("/schemes/default-2026-1").json()["scheme"]
    scheme |= {"code": "later-1", "effective_from": "2025-01-06"}
    for item in scheme["items"]:
        if item["code"] == "N01":
            item |= {"least": "9", "most": "9", "usual": "9"}
    assert centre.post("/schemes", json=scheme).status_code == 201
    assert centre.get(f"/companies/{company}/score", params={"as_of": "2024-12-31"}).content == before
    assert score(as_of="2025-01-06")["lines"][0]["points"] == "-9"


@pytest.mark.parametrize(
    ("begins_on", "ends_on"),
    [("2024-12-31", "2024-01-01"), ("2024-01-01", "2199-12-31"), ("2025-02-01", "2025-12-31")],
)
def test_period_that_is_reversed_endless_or_not_begun_is_refused(centre, begins_on, ends_on):
    answer = centre.post("/evaluations", json={"begins_on": begins_on, "ends_on": ends_on})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:dongsheng:problem:bad-period")


class TestObjections:
    @pytest.fixture
    def published(self, centre, opened) -> str:
        step(centre, opened, "compute")
        step(centre, opened, "publish")
        return opened

    @pytest.fixture
    def record(self, enter, company) -> str:
        """A bad record of the period; entered before the results are published where a test names it first."""
        return enter("N03", company, on="2024-06-20")["id"]

    def own(self, credit, code: str = CODES[0]) -> Client:
        return credit.client("credit:read", "credit:company", name="company", company=code)

    def test_upheld_objection_takes_the_record_back(self, credit, centre, record, published, score):
        filed = self.own(credit).post(
            f"/evaluations/{published}/objections", json={"record_id": record, "reason": "不实"}
        )
        assert (filed.status_code, filed.json()["due_on"]) == (201, "2025-01-20")
        answer = centre.post(f"/objections/{filed.json()['id']}/uphold", json={"decision": "查无此事"})
        assert answer.json()["state"] == "upheld"
        assert score()["lines"] == []

    def test_second_objection_to_a_record_is_refused(self, credit, record, published):
        body = {"record_id": record, "reason": "不实"}
        answers = [self.own(credit).post(f"/evaluations/{published}/objections", json=body) for _ in range(2)]
        assert [each.status_code for each in answers] == [201, 409]

    @pytest.mark.parametrize(
        ("at", "status"),
        [
            (datetime(2025, 1, 13, 23, 59, 59, tzinfo=SHANGHAI), 201),
            (datetime(2025, 1, 14, tzinfo=SHANGHAI), 409),
        ],
    )
    def test_last_day_lasts_until_midnight_in_shanghai(self, credit, clock, company, published, at, status):
        clock.now = at
        answer = self.own(credit).post(f"/evaluations/{published}/objections", json={"reason": "不实"})
        assert answer.status_code == status, answer.text
        if status == 409:
            assert answer.json()["until"] == "2025-01-13"

    def test_nobody_else_objects(self, credit, centre, record, published):
        listed(credit, "乙物业（虚构）", CODES[1])
        body = {"record_id": record, "reason": "不实"}
        other = self.own(credit, CODES[1]).post(f"/evaluations/{published}/objections", json=body)
        assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/record_id")
        assert centre.post(f"/evaluations/{published}/objections", json=body).status_code == 403

    @pytest.mark.parametrize("on_day", ["2024-06-20", "2025-01-02"])
    def test_record_that_the_results_do_not_rest_on_is_no_matter_of_an_objection(
        self, credit, enter, company, published, on_day
    ):
        body = {"record_id": enter("N03", company, on=on_day)["id"], "reason": "不实"}
        answer = self.own(credit).post(f"/evaluations/{published}/objections", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["reason"]) == (422, "没有计入这次结果")

    def test_what_corrects_a_published_record_is_objected_to_like_it(
        self, credit, centre, company, record, published
    ):
        fact = {"item": "N01", "company_id": str(company), "acted_at": "2024-06-20T10:00:00+08:00",
                "evidence": [{"title": "决定"}]}  # fmt: skip
        graver = centre.post(
            f"/records/{record}/correct", json={"reason": "种类有误", "record": fact}
        ).json()["id"]
        answer = self.own(credit).post(
            f"/evaluations/{published}/objections", json={"record_id": graver, "reason": "不实"}
        )
        assert answer.status_code == 201, answer.text

    def test_upheld_objection_takes_back_what_was_put_in_the_record_s_place_meanwhile(
        self, credit, centre, company, record, published, score
    ):
        filed = self.own(credit).post(
            f"/evaluations/{published}/objections", json={"record_id": record, "reason": "不实"}
        ).json()  # fmt: skip
        fact = {"item": "N03", "company_id": str(company), "acted_at": "2024-06-19T10:00:00+08:00",
                "evidence": [{"title": "决定"}]}  # fmt: skip
        centre.post(f"/records/{record}/correct", json={"reason": "日期有误", "record": fact})
        assert (
            centre.post(f"/objections/{filed['id']}/uphold", json={"decision": "查无此事"}).status_code == 200
        )
        assert score()["lines"] == []

    def test_undecided_objection_keeps_the_evaluation_open(self, credit, clock, company, published):
        self.own(credit).post(f"/evaluations/{published}/objections", json={"reason": "不实"})
        clock.now += timedelta(days=10)
        centre = credit.client("credit:read", "credit:write", "credit:evaluate", name="housing-centre")
        assert step(centre, published, "settle", 409)["type"].endswith("objections-undecided")
