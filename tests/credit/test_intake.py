"""What the property service tells of companies becomes records, projects and base items, each once (P-2.3.2a)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from kit.storage.db import new_id
from kit.testing import Client, Running
from tests.credit.conftest import CODES, listed
from tests.credit.property_events import at, send

pytestmark = pytest.mark.clause("P-2.3.2a")


def told(kind: str, subject: object, hour: int = 8, /, **data: object) -> dict:
    return {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": "/property",
        "type": f"property.{kind}",
        "subject": str(subject),
        "time": at(hour).isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }


def taken(credit: Running, event: dict) -> None:
    answer = send(credit, event)
    assert answer.is_success, answer.text


def held(project: UUID, company: UUID, begins_on: str = "2024-01-01", hour: int = 8, **more: object) -> dict:
    data = {
        "name": "天骄片区",
        "kind": "residential",
        "street": "天骄街道",
        "ends_on": None,
        "area": "500.00",
    } | more
    return told(
        "project.held", project, hour, project=str(project), company=str(company), begins_on=begins_on, **data
    )


def overdue(duty: str, subject: object, **more: object) -> dict:
    data = {
        "clause": "P-2.2.5",
        "subject": str(subject),
        "name": "甲小区",
        "uscc": CODES[0],
        "project": None,
    } | more
    return told("duty.overdue", f"{duty}:{subject}:2024-06-20", duty=duty, due_on="2024-06-20", **data)


def items(client: Client, company: UUID) -> list[tuple[str, str]]:
    rows = client.get("/records", params={"company": str(company)}).json()["items"]
    return [(row["item"], row["acted_at"][:10]) for row in rows]


@pytest.mark.parametrize(
    ("duty", "item"),
    [
        ("contract-filing", "N08"),
        ("disclosure-board", "N09"),
        ("emergency-drill", "N12"),
        ("staff-training", "N12"),
    ],
)
def test_overdue_duty_is_a_record_of_the_day_after_its_last_one(credit, centre, company, duty, item):
    taken(credit, overdue(duty, new_id()))
    assert items(centre, company) == [(item, "2024-06-21")]


def test_same_thing_told_twice_is_one_record(credit, centre, company):
    subject = new_id()
    for _ in range(2):
        taken(credit, overdue("contract-filing", subject))  # another event, of the same thing
    assert len(items(centre, company)) == 1


def test_duty_that_is_none_of_the_evaluation_enters_nothing(credit, centre, company):
    taken(credit, overdue("party-branch", new_id()))
    assert items(centre, company) == []


@pytest.mark.clause("P-2.2.7b")
def test_drill_and_training_of_a_year_that_were_both_left_out_are_one_record(credit, centre, company):
    project = new_id()
    taken(credit, overdue("emergency-drill", project))
    taken(credit, overdue("staff-training", project))
    assert items(centre, company) == [("N12", "2024-06-21")]


def test_request_that_is_overdue_is_a_record_of_when_it_was_due(credit, centre, company):
    data = {"matter": "物业服务投诉", "compound": str(new_id()), "company": str(company), "project": None}
    due = "2024-06-20T12:00:00+00:00"
    for _ in range(2):
        taken(credit, told("request.overdue", "DS-PQ-1", request="DS-PQ-1", due_at=due, **data))
    [row] = centre.get("/records").json()["items"]
    assert (row["item"], row["acted_at"], row["note"]) == (
        "N10",
        "2024-06-20T20:00:00+08:00",
        "诉求 DS-PQ-1（物业服务投诉）：最迟应于 2024-06-20 20:00 办结",
    )


def accident(accountability: UUID, *, casualties: bool) -> dict:
    data = {
        "accountability": str(accountability),
        "incident": "DS-EI-20240601-0001",
        "uscc": CODES[0],
        "occurred_on": "2024-06-01",
        "casualties": casualties,
        "what": "未落实动火审批",
        "document": "东安委〔2024〕12号",
        "decided_on": "2024-06-20",
    }
    event = told("responsibility.established", accountability, **data)
    return event | {"source": "/emergency", "type": "emergency.responsibility.established"}


@pytest.mark.parametrize(("casualties", "item"), [(True, "X08"), (False, "N13")])
def test_accident_with_established_responsibility_is_serious_where_people_came_to_harm(
    credit, centre, company, casualties, item
):
    taken(credit, accident(new_id(), casualties=casualties))
    [row] = centre.get("/records").json()["items"]
    assert (row["item"], row["acted_at"][:10]) == (item, "2024-06-01")
    assert [(each["number"], each["day"]) for each in row["evidence"]] == [
        ("东安委〔2024〕12号", "2024-06-20")
    ]


def found(finding: UUID, company: UUID, project: UUID | None = None, **changes: object) -> dict:
    data = {
        "company": str(company),
        "project": None if project is None else str(project),
        "kind": "animals",
        "place": "2 号楼",
        "found_on": "2024-06-20",
    } | changes
    return told("finding.made", finding, finding=str(finding), compound=str(new_id()), **data)


def withdrawn(finding: UUID) -> dict:
    return told("finding.withdrawn", finding, finding=str(finding))


def test_finding_counts_by_the_area_of_its_project(credit, score, company):
    small, large = new_id(), new_id()
    taken(credit, held(small, company))
    taken(credit, held(large, company, area="9500.00"))
    taken(credit, found(new_id(), company, small))
    [line] = score()["lines"]
    assert (line["item"], line["points"], line["share"]["basis"]) == ("N11", "-0.05", "area")


def test_finding_of_a_project_that_nobody_has_told_of_is_the_company_s_in_full(credit, score, company):
    taken(credit, found(new_id(), company, new_id()))
    assert [line["points"] for line in score()["lines"]] == ["-1"]


class TestWhatIsToldOtherwise:
    """The same finding, told again: corrected, withdrawn, made again."""

    finding = UUID(int=7)

    def standing(self, client: Client, company: UUID) -> list[tuple[str, str]]:
        rows = client.get("/records", params={"company": str(company)}).json()["items"]
        return [(row["note"], row["acted_at"][:10]) for row in rows if row["state"] == "standing"]

    def test_corrects_its_record_and_names_what_stands_in_its_place(self, credit, centre, company):
        for place in ("2 号楼", "3 号楼", "3 号楼", "4 号楼"):
            taken(credit, found(self.finding, company, place=place))
        assert self.standing(centre, company) == [("4 号楼：animals", "2024-06-20")]
        rows = credit.sql("SELECT action, client FROM amendments")
        assert rows == [("corrected", "property")] * 2

    def test_is_put_down_to_whoever_turns_out_to_have_been_in_charge(self, credit, centre, company):
        other = listed(credit, "乙物业（虚构）", CODES[1])
        taken(credit, found(self.finding, company))
        taken(credit, found(self.finding, other))
        assert self.standing(centre, company) == []
        assert self.standing(centre, other) == [("2 号楼：animals", "2024-06-20")]

    def test_is_put_right_and_repaired_as_what_it_corrects(self, credit, centre, company, score):
        taken(credit, found(self.finding, company))
        [row] = centre.get("/records").json()["items"]
        credit.sql(
            "INSERT INTO amendments (id, record_id, action, effective_on, reason, entered_at, client)"
            " VALUES (%s, %s, 'repaired', '2024-06-23', '信用修复', now(), 'housing-centre')",
            new_id(), row["id"],
        )  # fmt: skip
        taken(credit, found(self.finding, company, place="3 号楼"))
        assert self.standing(centre, company) == [("3 号楼：animals", "2024-06-20")]
        assert score()["lines"] == []

    def test_holds_whichever_word_comes_late(self, credit, centre, company):
        earlier = [found(self.finding, company, place=place) for place in ("2 号楼", "3 号楼")]
        for event in reversed(earlier):
            taken(credit, event)
        assert self.standing(centre, company) == [("3 号楼：animals", "2024-06-20")]

    def test_is_not_entered_where_it_was_withdrawn_before_it_came(self, credit, centre, company):
        late, before = found(self.finding, company), withdrawn(self.finding)
        taken(credit, before)
        taken(credit, late)
        assert self.standing(centre, company) == []

    def test_is_withdrawn_with_what_a_person_put_in_its_place(self, credit, centre, company):
        taken(credit, found(self.finding, company))
        [row] = centre.get("/records").json()["items"]
        fact = {"item": "N11", "company_id": str(company), "acted_at": "2024-06-19T10:00:00+08:00"}
        body = {"reason": "日期有误", "record": fact}
        assert centre.post(f"/records/{row['id']}/correct", json=body).status_code == 201
        taken(credit, withdrawn(self.finding))
        assert self.standing(centre, company) == []

    def test_stands_under_another_item_where_it_turns_out_to_be_of_one(self, credit, centre, company):
        for casualties in (False, True):
            taken(credit, accident(self.finding, casualties=casualties))
        rows = centre.get("/records").json()["items"]
        assert [(row["item"], row["state"]) for row in rows] == [("N13", "corrected"), ("X08", "standing")]

    def test_two_at_once_are_one_record(self, credit, centre, company):
        events = [found(self.finding, company, place=f"{number} 号楼") for number in range(1, 7)]
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda event: taken(credit, event), events))
        assert self.standing(centre, company) == [("6 号楼：animals", "2024-06-20")]

    def test_is_taken_back_and_stands_again_where_it_is_made_again(self, credit, centre, company):
        taken(credit, found(self.finding, company))
        for _ in range(2):
            taken(credit, withdrawn(self.finding))
        assert self.standing(centre, company) == []
        taken(credit, found(self.finding, company))
        assert self.standing(centre, company) == [("2 号楼：animals", "2024-06-20")]

    def test_is_not_entered_again_where_a_person_took_it_back(self, credit, centre, company):
        taken(credit, found(self.finding, company))
        [row] = centre.get("/records").json()["items"]
        assert centre.post(f"/records/{row['id']}/withdraw", json={"reason": "不实"}).status_code == 200
        taken(credit, found(self.finding, company, place="3 号楼"))
        taken(credit, withdrawn(self.finding))
        assert self.standing(centre, company) == []
        assert credit.sql("SELECT count(*) FROM records") == [(1,)]


def test_project_that_changes_company_keeps_who_held_it_before(credit, company):
    project, later = new_id(), listed(credit, "乙物业（虚构）", CODES[1])
    taken(credit, held(project, company))
    taken(credit, held(project, later, "2024-06-01", hour=9))
    taken(credit, held(project, company, hour=7))  # an older word that comes late
    rows = credit.sql("SELECT company_id, begins_on, ends_on FROM holdings ORDER BY begins_on")
    assert rows == [(company, date(2024, 1, 1), date(2024, 5, 31)), (later, date(2024, 6, 1), None)]


def test_area_that_changes_changes_no_day_before(credit, company):
    project = new_id()
    taken(credit, held(project, company))
    for area in ("700.00", "800.00"):  # both on the same day
        taken(credit, held(project, company, hour=9 if area == "700.00" else 10, area=area))
    rows = credit.sql("SELECT begins_on, ends_on, area FROM holdings ORDER BY begins_on")
    assert rows == [
        (date(2024, 1, 1), date(2024, 6, 23), Decimal("500.00")),
        (date(2024, 6, 24), None, Decimal("800.00")),
    ]


def test_project_that_ended_before_its_area_changed_ends_then_and_may_go_on(credit, company):
    project = new_id()
    taken(credit, held(project, company))
    taken(credit, held(project, company, area="700.00"))
    taken(credit, held(project, company, area="700.00", ends_on="2024-06-10"))
    first = (date(2024, 1, 1), date(2024, 6, 10), Decimal("500.00"))
    assert credit.sql("SELECT begins_on, ends_on, area FROM holdings") == [first]
    taken(credit, held(project, company))
    assert credit.sql("SELECT begins_on, ends_on FROM holdings") == [(date(2024, 1, 1), None)]


def test_project_that_turns_out_never_to_have_changed_company_is_the_first_one_s(credit, company):
    project, other = new_id(), listed(credit, "乙物业（虚构）", CODES[1])
    taken(credit, held(project, company))
    taken(credit, held(project, other, "2024-06-01"))
    taken(credit, held(project, company))
    assert credit.sql("SELECT company_id, begins_on, ends_on FROM holdings") == [
        (company, date(2024, 1, 1), None)
    ]


def test_area_that_becomes_known_holds_from_the_first_day(credit, company):
    project = new_id()
    taken(credit, held(project, company, area=None))
    taken(credit, held(project, company, hour=9))
    assert credit.sql("SELECT begins_on, area FROM holdings") == [(date(2024, 1, 1), Decimal("500.00"))]


def test_project_that_is_struck_out_is_nobody_s_from_that_day_and_may_come_back(credit, company):
    project = new_id()
    taken(credit, held(project, company))
    taken(credit, told("project.dropped", project, 9, project=str(project)))
    taken(credit, held(project, company, hour=8))  # an older word that comes late
    assert credit.sql("SELECT begins_on, ends_on FROM holdings") == [(date(2024, 1, 1), date(2024, 6, 23))]
    taken(credit, held(project, company, hour=10))
    assert credit.sql("SELECT begins_on, ends_on FROM holdings") == [(date(2024, 1, 1), None)]


def test_nobody_holds_a_project_on_another_s_days(credit, company):
    project = new_id()
    taken(credit, held(project, company))
    with pytest.raises(psycopg.errors.ExclusionViolation):
        credit.sql(
            "INSERT INTO holdings (id, project_id, company_id, begins_on) VALUES (%s, %s, %s, '2024-06-01')",
            new_id(), project, company,
        )  # fmt: skip


class TestComplaints:
    """A complaint that was found right, and what the scheme of its day makes of it."""

    @staticmethod
    def confirmed(company: UUID, complaint: UUID = UUID(int=9)) -> dict:
        data = {"complaint": str(complaint), "request": "DS-PQ-1", "matter": "property-service"}
        data |= {"compound": str(new_id()), "company": str(company), "project": None}
        return told("complaint.confirmed", complaint, received_on="2024-06-20", **data)

    @pytest.fixture
    def item(self, credit) -> None:
        """A scheme in force whose item N10 stands for such complaints; the default has none."""
        [(document,)] = credit.sql("SELECT document FROM schemes")
        document |= {"code": "complaints-1", "effective_from": "2024-06-01"}
        for each in document["items"]:
            if each["code"] == "N10":
                each["from_event"] = "complaint_confirmed"
        credit.sql(
            "INSERT INTO schemes (code, effective_from, document, loaded_at, client)"
            " VALUES ('complaints-1', '2024-06-01', %s, now(), 'housing-centre')",
            Jsonb(document),
        )

    def test_without_an_item_nothing_is_scored(self, credit, centre, company):
        taken(credit, self.confirmed(company))
        assert items(centre, company) == []

    def test_is_a_record_once_and_taken_back_when_it_is_withdrawn(self, credit, centre, company, item, score):
        for _ in range(2):
            taken(credit, self.confirmed(company))
        [row] = centre.get("/records").json()["items"]
        assert (row["item"], row["acted_at"][:10], row["note"]) == (
            "N10",
            "2024-06-20",
            "投诉认定属实（诉求 DS-PQ-1）",
        )
        assert [line["points"] for line in score()["lines"]] == ["-1"]
        taken(credit, told("complaint.withdrawn", UUID(int=9), 9, complaint=str(UUID(int=9))))
        assert score()["lines"] == []
