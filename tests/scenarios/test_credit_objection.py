"""A company objects to its score through the hotline's door, with its own token, and the score changes (P-2.3.2a)."""

import time
from datetime import datetime, timedelta

import pytest

from kit.district.clock import SHANGHAI
from tests.scenarios.door import eventually

#: Of the client `property-company`.
CODE = "91150602MA0DEMF10R"
REQUESTS = "/dispatch/v1/requests"


@pytest.fixture
def company(district) -> str:
    """The company, under evaluation; registered once with that of the other scenarios of credit."""
    with district.client("housing-centre") as centre:
        registered = centre.post(
            "/property/v1/companies",
            json={"name": "情景物业（虚构）", "uscc": CODE},
            headers={"Idempotency-Key": "scenario-credit-company"},
        )
        assert registered.status_code == 201, registered.text
        shown = eventually(lambda: centre.get(f"/credit/v1/companies/{CODE}/score").is_success, 20)
        assert shown
        [found] = centre.get("/credit/v1/companies", params={"uscc": CODE}).json()["items"]
    id: str = found["id"]
    return id


@pytest.mark.clause("P-2.2.2b", "P-2.3.2a")
def test_a_company_objects_to_its_score_and_the_score_changes(district, company):
    today = datetime.now(SHANGHAI).date()
    fact = {
        "item": "N03",
        "company_id": company,
        "acted_at": f"{today - timedelta(days=20)}T10:00:00+08:00",
        "evidence": [{"title": "现场检查记录"}],
    }
    period = {
        "begins_on": str(today - timedelta(days=200)),
        "ends_on": str(today - timedelta(days=2)),
        "scheme": "default-2026-1",
    }
    with (
        district.client("housing-centre") as centre,
        district.client("property-company") as own,
        district.client("hotline") as hotline,
    ):

        def counted() -> list[str]:
            score = centre.get(f"/credit/v1/companies/{company}/score").json()
            return [line["item"] for line in score["lines"] if line["item"] == "N03"]

        entered = centre.post("/credit/v1/records", json=fact)
        assert entered.status_code == 201, entered.text
        opened = centre.post("/credit/v1/evaluations", json=period)
        assert opened.status_code == 201, opened.text
        for action in ("compute", "publish"):
            done = centre.post(f"/credit/v1/evaluations/{opened.json()['id']}/{action}")
            assert done.status_code == 200, done.text
        assert counted() == ["N03"]

        said = {
            "matter": "credit-objection",
            "summary": "不认可评分",
            "external_number": f"objection-{time.time_ns()}",
            "details": {"record": entered.json()["id"], "reason": "当日有人值守，附值班表"},
        }
        taken = own.post(REQUESTS, json=said)
        assert taken.status_code == 201, taken.text
        again = own.post(REQUESTS, json=said)
        assert (again.status_code, again.json()["number"]) == (200, taken.json()["number"])
        lead = centre.get(f"/credit/v1/leads/{taken.json()['reference']}").json()
        assert (lead["state"], lead["company_id"]) == ("filed", company)

        decision = {"decision": "值班表属实，撤回该条信息"}
        upheld = centre.post(f"/credit/v1/objections/{lead['objection_id']}/uphold", json=decision)
        assert upheld.status_code == 200, upheld.text
        assert counted() == []

        path = f"{REQUESTS}/{taken.json()['number']}"
        for action, body in (("accept", {}), ("answer", {"note": "异议成立，扣分已撤回。"})):
            done = centre.post(f"{path}/{action}", json=body)
            assert done.status_code == 200, done.text
        assert own.get(path).json()["answer"] == "异议成立，扣分已撤回。"
        seen = hotline.get(path).json()
        assert (seen["state"], seen["reference"]) == ("answered", lead["id"])
        assert "异议成立：值班表属实，撤回该条信息" in [each["note"] for each in seen["steps"]]
