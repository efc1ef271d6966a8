"""What has changed for the evaluation of companies is told once, each time it is otherwise than before (P-2.2.6)."""

from datetime import datetime, timedelta

import pytest

from kit.district.clock import SHANGHAI
from kit.testing import Client, Running
from services.property.telling.work import tell_what_changed
from tests.property.conftest import row

pytestmark = pytest.mark.clause("P-2.2.6")


@pytest.fixture
def tell(running):
    """Let the job run; answers what it told, by type."""

    def run() -> dict[str, list[dict]]:
        before = running.sql("SELECT coalesce(max(id), 0) FROM events")[0][0]
        running.run(tell_what_changed)
        rows = running.sql("SELECT type, data FROM events WHERE id > %s ORDER BY id", before)
        found: dict[str, list[dict]] = {}
        for type, data in rows:
            found.setdefault(type.removeprefix("property."), []).append(data)
        return found

    return run


@pytest.fixture
def project(centre, submit) -> dict:
    """A project of one compound of 86,000 square metres, run by a company with a code and without a filed contract."""
    submit(row("甲小区", area="86000.00"))
    [company] = centre.get("/companies").json()["items"]
    etag = centre.get(f"/companies/{company['id']}").headers["ETag"]
    body = {"name": company["name"], "uscc": "91110000600037341L"}
    assert centre.put(f"/companies/{company['id']}", json=body, headers={"If-Match": etag}).status_code == 200
    body = {
        "name": "甲项目",
        "kind": "residential",
        "street": "天骄街道",
        "company_id": company["id"],
        "begins_on": "2024-05-01",
    }
    made = centre.post("/projects", json=body).json()["id"]
    [compound] = centre.get("/compounds").json()["items"]
    body = {"project_id": made, "compound_id": compound["id"], "begins_on": "2024-05-01"}
    assert centre.post("/project-compounds", json=body).status_code == 201
    return {"project": made, "company": company["id"], "compound": compound["id"]}


def test_projects_are_told_with_who_holds_them_and_their_area(tell, project):
    [held] = tell()["project.held"]
    assert (held["project"], held["company"], held["area"], held["ends_on"]) == (
        project["project"], project["company"], "86000.00", None,
    )  # fmt: skip


def test_what_was_told_is_told_again_only_when_it_is_otherwise(tell, project, centre):
    first = tell()
    assert {"project.held", "company.performed"} <= first.keys()
    assert tell() == {}
    centre.post(
        "/contracts",
        json={
            "compound_id": project["compound"], "company_id": project["company"], "kind": "ordinary",
            "signed_on": "2024-05-02", "starts_on": "2024-05-02", "ends_on": "2027-05-01",
        },
    )  # fmt: skip
    [contract] = centre.get("/contracts").json()["items"]
    for action, body in (("submit", {}), ("accept", {})):
        answer = centre.post(f"/contracts/{contract['id']}/{action}", json=body)
        assert answer.status_code == 200, answer.text
    [performed] = tell()["company.performed"]
    assert performed["contracts"] == {"part": 1, "whole": 1}


def test_a_duty_is_told_when_it_becomes_overdue_and_not_before(tell, project, clock):
    assert "contract-filing" not in {each["duty"] for each in tell().get("duty.overdue", ())}
    clock.now = datetime(2025, 1, 2, 9, 30, tzinfo=SHANGHAI)
    overdue = {each["duty"]: each for each in tell()["duty.overdue"]}
    filing = overdue["contract-filing"]
    assert (filing["uscc"], filing["subject"], filing["due_on"]) == (
        "91110000600037341L",
        project["compound"],
        "2024-12-31",
    )
    assert overdue["emergency-drill"]["project"] == project["project"]
    assert "duty.overdue" not in tell()


def test_an_overdue_duty_stays_with_who_held_the_project_then(tell, project, clock, running):
    clock.now = datetime(2025, 1, 2, 9, 30, tzinfo=SHANGHAI)
    told = tell()["duty.overdue"]
    assert {each["uscc"] for each in told} == {"91110000600037341L"}
    clock.now = datetime(2025, 1, 3, 9, 30, tzinfo=SHANGHAI)
    centre = running.client("property:read", "property:write", name="housing-centre")
    made = centre.post("/companies", json={"name": "乙物业（虚构）", "uscc": "91150602MA0DEMF00Q"}).json()
    changed(centre, f"/projects/{project['project']}", company_id=made["id"])
    again = [each for each in tell().get("duty.overdue", ()) if each["due_on"] < "2025-01-02"]
    assert again == []


def test_what_was_due_before_a_project_was_entered_is_nobody_s_neglect(tell, project, running):
    of_board = {"disclosure-board"}
    running.sql("UPDATE projects SET entered_at = '2024-06-23 09:00+08', begins_on = '2024-01-01'")
    assert of_board.isdisjoint({each["duty"] for each in tell().get("duty.overdue", ())})
    running.sql("UPDATE projects SET entered_at = '2024-01-01 09:00+08'")
    assert of_board <= {each["duty"] for each in tell()["duty.overdue"]}


@pytest.fixture
def charge(project, centre) -> str:
    """The company in charge of the compound; the path of the entry."""
    body = {
        "compound_id": project["compound"], "company_id": project["company"], "mode": "market",
        "begins_on": "2024-05-01",
    }  # fmt: skip
    made = centre.post("/charges", json=body)
    assert made.status_code == 201, made.text
    return f"/charges/{made.json()['id']}"


def changed(client: Client, path: str, **more: object) -> None:
    """Change an entry of a register."""
    now = client.get(path)
    kept = {name: value for name, value in now.json().items() if name not in ("id", "basis", "known_from")}
    body = {name: value for name, value in kept.items() if not name.endswith("_at")} | more
    answer = client.put(path, json=body, headers={"If-Match": now.headers["ETag"]})
    assert answer.status_code == 200, answer.text


def removed(client: Client, path: str) -> None:
    """Remove an entry of a register."""
    etag = client.get(path).headers["ETag"]
    assert client.delete(path, headers={"If-Match": etag}).status_code == 204


class Finding:
    """A finding of the compound, and who acts on it."""

    def __init__(self, running: Running, compound: str) -> None:
        scopes = ("property:read", "property:write", "property:street")
        self.street = running.client(*scopes, name="street", division="天骄街道")
        self.unit = running.client("property:read", "property:write", "dispatch:any-unit", name="unit")
        found = [{"kind": "animals", "place": "2 号楼", "description": "散养鸡鸭"}]
        body = {
            "compound_id": compound,
            "held_on": "2024-06-20",
            "units": ["tianjiao-street"],
            "findings": found,
        }
        made = self.street.post("/inspections", json=body)
        assert made.status_code == 201, made.text
        self.id = made.json()["findings"][0]["id"]

    def step(self, action: str) -> None:
        """Take it a step further, as whoever may."""
        by = self.unit if action in ("act", "decline") else self.street
        answer = by.post(f"/findings/{self.id}/{action}", json={"note": "已到现场"})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def finding(project, charge, running) -> Finding:
    return Finding(running, project["compound"])


def test_findings_are_told_with_the_company_that_was_in_charge(tell, project, finding):
    [made] = tell()["finding.made"]
    assert (made["company"], made["project"], made["found_on"]) == (
        project["company"],
        project["project"],
        "2024-06-20",
    )


def another_company(centre: Client, running: Running, finding: Finding, charge: str) -> tuple[str, str]:
    other = centre.post("/companies", json={"name": "乙物业（虚构）", "uscc": None}).json()["id"]
    changed(centre, charge, company_id=other)
    return "company", other


def another_place(centre: Client, running: Running, finding: Finding, charge: str) -> tuple[str, str]:
    running.sql("UPDATE findings SET place = '3 号楼' WHERE id = %s", finding.id)
    return "place", "3 号楼"


def another_day(centre: Client, running: Running, finding: Finding, charge: str) -> tuple[str, str]:
    running.sql("UPDATE inspections SET held_on = '2024-06-21'")
    return "found_on", "2024-06-21"


@pytest.mark.parametrize("corrected", [another_company, another_place, another_day])
def test_a_finding_that_is_put_right_is_told_again(tell, finding, charge, centre, running, corrected):
    [first] = tell()["finding.made"]
    field, value = corrected(centre, running, finding, charge)
    told = tell()
    assert told["finding.made"] == [first | {field: value}]
    assert "finding.withdrawn" not in told
    assert tell() == {}


def declined(centre: Client, running: Running, finding: Finding, charge: str) -> None:
    finding.step("decline")


def deleted(centre: Client, running: Running, finding: Finding, charge: str) -> None:
    running.sql("DELETE FROM findings")


def nobody_in_charge(centre: Client, running: Running, finding: Finding, charge: str) -> None:
    changed(centre, charge, ends_on="2024-05-31")


@pytest.mark.parametrize("taken_back", [declined, deleted, nobody_in_charge])
def test_a_finding_that_stands_no_more_is_told_once(tell, finding, charge, centre, running, taken_back):
    tell()
    taken_back(centre, running, finding, charge)
    told = tell()
    assert told["finding.withdrawn"] == [{"finding": finding.id}]
    assert "finding.made" not in told
    assert tell() == {}


def test_a_finding_that_the_street_sends_back_stands_again(tell, finding):
    [first] = tell()["finding.made"]
    finding.step("decline")
    tell()
    finding.step("redo")
    assert tell() == {"finding.made": [first]}
    finding.step("decline")
    assert tell() == {"finding.withdrawn": [{"finding": finding.id}]}


@pytest.mark.parametrize(
    ("steps", "stands"), [(("act", "check", "close"), True), (("decline", "close"), False)]
)
def test_a_closed_finding_stands_where_it_was_acted_on(tell, finding, steps, stands):
    tell()
    for step in steps:
        finding.step(step)
    assert tell() == ({} if stands else {"finding.withdrawn": [{"finding": finding.id}]})
    assert tell() == {}


def test_a_finding_that_stood_no_more_before_it_was_told_is_not_told(tell, finding):
    finding.step("decline")
    assert not {"finding.made", "finding.withdrawn"} & tell().keys()


def test_a_project_that_is_removed_is_told_once_and_held_again_if_it_comes_back(
    tell, project, centre, running
):
    [first] = tell()["project.held"]
    [compound] = centre.get("/project-compounds").json()["items"]
    removed(centre, f"/project-compounds/{compound['id']}")
    running.sql("CREATE TABLE kept AS TABLE projects")
    removed(centre, f"/projects/{project['project']}")
    told = tell()
    assert told["project.dropped"] == [{"project": project["project"]}]
    assert "project.held" not in told
    assert tell() == {}
    running.sql("INSERT INTO projects SELECT * FROM kept")
    assert tell()["project.held"] == [first | {"area": None}]


def test_a_project_that_ended_is_not_dropped(tell, project, centre):
    tell()
    changed(centre, f"/projects/{project['project']}", ends_on="2024-06-01")
    told = tell()
    assert [held["ends_on"] for held in told["project.held"]] == ["2024-06-01"]
    assert "project.dropped" not in told


class TestOverdueRequests:
    """What citizens asked for and was not answered in time counts against the company of the day it was due."""

    pytestmark = pytest.mark.clause("P-2.3.2a", "P-2.2.2b")
    DUE = datetime(2024, 6, 27, 23, 59, 59, tzinfo=SHANGHAI)

    @pytest.fixture
    def hotline(self, running) -> Client:
        return running.client("dispatch:write", "dispatch:read", name="12345")

    @pytest.fixture
    def request_number(self, hotline, project) -> str:
        """A request about the compound, of Monday, due on Thursday."""
        return self.sent(hotline, project["compound"])

    @staticmethod
    def sent(hotline: Client, compound: str | None) -> str:
        body = {"matter": "property-service", "summary": "楼道灯不亮", "division": "天骄街道"}
        taken = hotline.post("/dispatch/requests", json=body | {"details": {"compound": compound}})
        assert taken.status_code == 201, taken.text
        return taken.json()["number"]

    @pytest.mark.parametrize(("late", "told"), [(0, False), (1, True)])
    def test_a_request_is_told_once_when_it_becomes_overdue_and_not_before(
        self, tell, project, charge, request_number, clock, late, told
    ):
        clock.now = self.DUE + timedelta(seconds=late)
        expected = {
            "request": request_number,
            "matter": "物业服务质量投诉",
            "compound": project["compound"],
            "company": project["company"],
            "project": project["project"],
            "due_at": "2024-06-27T23:59:59+08:00",
        }
        assert tell().get("request.overdue") == ([expected] if told else None)
        clock.advance(hours=1)
        assert ("request.overdue" in tell()) is not told

    def test_one_that_was_answered_in_time_is_not_told_and_one_answered_late_is(
        self, tell, charge, hotline, project, running, clock
    ):
        unit = running.client("property:write", "dispatch:any-unit", name="unit")
        in_time, late = (self.sent(hotline, project["compound"]) for _ in range(2))
        for number, at in ((in_time, self.DUE), (late, self.DUE + timedelta(seconds=1))):
            clock.now = at
            answered = unit.post(f"/dispatch/requests/{number}/answer", json={"note": "已更换。"})
            assert answered.status_code == 200, answered.text
        assert [each["request"] for each in tell()["request.overdue"]] == [late]

    def test_one_without_a_compound_or_with_nobody_in_charge_is_told_of_nobody(
        self, tell, hotline, project, charge, request_number, centre, clock
    ):
        self.sent(hotline, None)
        changed(centre, charge, ends_on="2024-06-26")
        clock.now = datetime(2024, 6, 28, 9, 30, tzinfo=SHANGHAI)
        assert "request.overdue" not in tell()

    def test_of_a_compound_without_an_entered_charge_the_company_of_its_survey_is_told(
        self, tell, project, request_number, clock
    ):
        clock.now = datetime(2024, 6, 28, 9, 30, tzinfo=SHANGHAI)
        assert [each["company"] for each in tell()["request.overdue"]] == [project["company"]]

    def test_the_company_of_the_day_it_was_due_is_told_and_not_the_one_of_today(
        self, tell, project, charge, centre, request_number, clock
    ):
        clock.now = datetime(2024, 6, 28, 9, 30, tzinfo=SHANGHAI)
        changed(centre, charge, ends_on="2024-06-27")
        other = centre.post("/companies", json={"name": "乙物业（虚构）", "uscc": None}).json()["id"]
        body = {
            "compound_id": project["compound"], "company_id": other, "mode": "market",
            "begins_on": "2024-06-28",
        }  # fmt: skip
        assert centre.post("/charges", json=body).status_code == 201
        assert [each["company"] for each in tell()["request.overdue"]] == [project["company"]]

    def test_of_a_compound_that_was_merged_the_other_is_told(
        self, tell, project, centre, submit, hotline, clock
    ):
        submit(row("甲小区", area="86000.00"), row("乙小区"))
        listed = {each["name"]: each["id"] for each in centre.get("/compounds").json()["items"]}
        number = self.sent(hotline, listed["甲小区"])
        body = {
            "compound_id": listed["乙小区"], "company_id": project["company"], "mode": "market",
            "begins_on": "2024-05-01",
        }  # fmt: skip
        assert centre.post("/charges", json=body).status_code == 201
        body = {"into": listed["乙小区"], "reason": "同一小区"}
        merged = centre.post(f"/compounds/{listed['甲小区']}/withdraw", json=body)
        assert merged.status_code == 200, merged.text
        clock.now = datetime(2024, 6, 28, 9, 30, tzinfo=SHANGHAI)
        [told] = tell()["request.overdue"]
        assert (told["request"], told["compound"]) == (number, listed["乙小区"])
