"""What one service knows of a company is in its credit by itself, across the processes of the whole set."""

from datetime import datetime, timedelta

import psycopg
import pytest

from kit.district.clock import SHANGHAI
from tests.scenarios.door import eventually

CODE = "91150602MA0DEMF10R"


@pytest.fixture
def company(district) -> str:
    """A company that the housing centre registers."""
    with district.client("housing-centre") as centre:
        answer = centre.post(
            "/property/v1/companies",
            json={"name": "情景物业（虚构）", "uscc": CODE},
            headers={"Idempotency-Key": "scenario-credit-company"},
        )
    assert answer.status_code == 201, answer.text
    id: str = answer.json()["id"]
    return id


@pytest.mark.clause("P-2.3.2a", "P-2.3.2b")
def test_accident_that_a_company_was_found_responsible_for_is_in_its_score(district, company):
    happened = datetime.now(SHANGHAI) - timedelta(hours=2)
    told = {
        "unit": "情景物业（虚构）",
        "place": "配电室",
        "division": "天骄街道",
        "occurred_at": happened.isoformat(),
    }
    found = {
        "kind": "accountability",
        "whom": "情景物业（虚构）",
        "company": CODE,
        "what": "配电室未按规定值守",
        "decided_on": happened.date().isoformat(),
    }
    with district.client("emergency-bureau") as bureau, district.client("viewer") as viewer:
        incident = bureau.post("/emergency/v1/incidents", json=told)
        assert incident.status_code == 201, incident.text
        held = bureau.post(f"/emergency/v1/incidents/{incident.json()['number']}/accountability", json=found)
        assert held.status_code == 201, held.text

        def counted():
            score = viewer.get(f"/credit/v1/companies/{company}/score")
            return score.status_code == 200 and [line["item"] for line in score.json()["lines"]]

        assert eventually(counted, 20) == ["N13"]


def test_feeds_of_property_and_emergency_are_read_to_their_ends(district):
    url = district.database("credit")

    def read():
        with psycopg.connect(url) as database:
            rows = database.execute("SELECT source FROM feeds_read WHERE read_at IS NOT NULL ORDER BY 1")
            return [source for (source,) in rows] == ["emergency", "property"]

    assert eventually(read, 40)
