"""What the property service tells of companies becomes records, projects and base items, each once (P-2.3.2a)."""

from datetime import date
from uuid import UUID

import pytest

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


def test_finding_counts_by_the_area_of_its_project(credit, score, company):
    small, large = new_id(), new_id()
    taken(credit, held(small, company))
    taken(credit, held(large, company, area="9500.00"))
    finding = new_id()
    data = {
        "company": str(company),
        "project": str(small),
        "kind": "animals",
        "place": "2 号楼",
        "found_on": "2024-06-20",
    }
    taken(credit, told("finding.made", finding, finding=str(finding), compound=str(new_id()), **data))
    [line] = score()["lines"]
    assert (line["item"], line["points"], line["share"]["basis"]) == ("N11", "-0.05", "area")


def test_finding_of_a_project_that_nobody_has_told_of_is_the_company_s_in_full(credit, score, company):
    data = {
        "company": str(company),
        "project": str(new_id()),
        "kind": "animals",
        "place": "2 号楼",
        "found_on": "2024-06-20",
    }
    taken(credit, told("finding.made", new_id(), finding=str(new_id()), compound=str(new_id()), **data))
    assert [line["points"] for line in score()["lines"]] == ["-1"]


def test_project_that_changes_company_keeps_who_held_it_before(credit, company):
    project, later = new_id(), listed(credit, "乙物业（虚构）", CODES[1])
    taken(credit, held(project, company))
    taken(credit, held(project, later, "2024-06-01", hour=9))
    taken(credit, held(project, company, hour=7))  # an older word that comes late
    rows = credit.sql("SELECT company_id, begins_on, ends_on FROM holdings ORDER BY begins_on")
    assert rows == [(company, date(2024, 1, 1), date(2024, 5, 31)), (later, date(2024, 6, 1), None)]


def performed(company: UUID, filed: tuple[int, int], hour: int = 8) -> dict:
    shares = {"contracts": filed, "disclosure": (0, 0), "drills": (1, 2)}
    data = {name: {"part": part, "whole": whole} for name, (part, whole) in shares.items()}
    return told("company.performed", company, hour, company=str(company), **data)


def test_base_items_follow_the_registers_and_keep_their_last_value(credit, score, company):
    taken(credit, performed(company, (3, 4)))
    taken(credit, performed(company, (3, 4), hour=9))  # nothing new
    found = {
        line["item"]: (line["points"], line["share_part"], line["share_whole"]) for line in score()["lines"]
    }
    assert found == {"B08": ("6", 3, 4), "B10": ("3", 1, 2)}
    taken(credit, performed(company, (4, 4), hour=9))
    assert {line["item"]: line["points"] for line in score()["lines"]}["B08"] == "8"
    assert credit.sql("SELECT count(*) FROM records WHERE item = 'B08'")[0][0] == 2
