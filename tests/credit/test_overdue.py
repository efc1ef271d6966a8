"""What is overdue of companies' credit, as it is told to whoever watches the service."""

from datetime import date, datetime

import pytest

from kit.district.clock import SHANGHAI
from services.credit.overdue import objections, repairs
from tests.credit.conftest import CODES
from tests.credit.test_evaluations import YEAR, on, step
from tests.figures import overdue, plan


@pytest.fixture
def filed(credit, centre, clock, company, enter) -> None:
    """An objection to a record, filed on 6 January 2025, and an application for its repair."""
    record = enter("N03", company, on="2024-06-20")["id"]
    on(clock, "2025-01-06")
    evaluation = centre.post("/evaluations", json=YEAR).json()["id"]
    step(centre, evaluation, "compute")
    step(centre, evaluation, "publish")
    own = credit.client("credit:read", "credit:company", name="company", company=CODES[0])
    said = {"record_id": record, "reason": "不实"}
    answer = own.post(f"/evaluations/{evaluation}/objections", json=said)
    assert (answer.status_code, answer.json()["due_on"]) == (201, "2025-01-20")
    said = {"commitment": "已整改", "evidence": [{"title": "复查意见"}]}
    answer = own.post(f"/records/{record}/repairs", json=said)
    assert (answer.status_code, answer.json()["due_on"]) == (201, "2025-01-13")


@pytest.mark.clause("P-2.3.2b", "P-2.3.4a")
def test_what_is_filed_is_overdue_from_the_midnight_after_its_last_day(credit, clock, filed):
    clock.now = datetime(2025, 1, 13, 23, 59, tzinfo=SHANGHAI)
    assert overdue(credit) == {}
    clock.now = datetime(2025, 1, 14, tzinfo=SHANGHAI)
    assert overdue(credit) == {("repair", ""): (1, 1)}
    clock.now = datetime(2025, 1, 21, 1, tzinfo=SHANGHAI)
    assert overdue(credit)["objection", ""] == (1, 3601)
    credit.sql("UPDATE objections SET state = 'rejected', decided_at = filed_at")
    credit.sql("UPDATE repairs SET state = 'refused', decided_at = filed_at")
    assert overdue(credit) == {}


def test_what_was_decided_is_not_read_again(credit, clock, filed):
    credit.sql("SET session_replication_role = replica")
    for table, ended in (("objections", "rejected"), ("repairs", "refused")):
        credit.sql(
            f"INSERT INTO {table} SELECT (ended).* FROM (SELECT jsonb_populate_record(t, jsonb_build_object("
            "'id', gen_random_uuid(), 'evaluation_id', gen_random_uuid(), 'state', %s::text, 'decided_at', filed_at"
            f")) AS ended FROM {table} t, generate_series(1, 5000)) AS made",
            ended,
        )
    credit.sql("SET session_replication_role = origin")
    credit.sql("ANALYZE")
    clock.now = datetime.combine(date(2025, 3, 1), clock.now.timetz())
    for asked in (objections, repairs):
        said = plan(credit, asked(clock.now))
        assert "Seq Scan" not in said, said
    assert {number for number, _ in overdue(credit).values()} == {1}
