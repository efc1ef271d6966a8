"""The credit service's story: a scheme, records, an evaluation to its lists and awards, an objection, repairs."""

from uuid import UUID

from kit.workbooks.writing import Column, table
from services.credit.plan.assessed import HEADINGS
from services.credit.plan.evaluation import COMPANY
from services.credit.plan.roles import CENTRE, COURT
from tests.contract.writes import Writes
from tests.credit.property_events import CODE

#: The roles of whoever takes a step.
ROLES = (CENTRE, COURT, COMPANY)


def evaluated(writes: Writes, company: UUID) -> None:
    """A company from its first record to its award."""
    writes.post("/schemes")
    own = writes.running.client("credit:read", COMPANY, company=CODE, name="company")
    about = {"company_id": str(company)}
    writes.post(f"/companies/{company}/what-if", add=[])
    record = writes.post("/records", **about)["id"]
    correct = {"reason": "日期有误", "record": writes.body("post", "/records", about)}
    corrected = writes.send("post", f"/records/{record}/correct", json=correct)["id"]
    serious = writes.post("/records", item="X05", **about)["id"]
    writes.post(f"/records/{serious}/put-right")
    period = {"scheme": "default-2026-1", "begins_on": "2024-01-01", "ends_on": "2024-06-20"}
    writes.post(f"/evaluations/{writes.post('/evaluations', **period)['id']}/cancel")
    year = writes.places["/evaluations/{id}"] = f"/evaluations/{writes.post('/evaluations', **period)['id']}"
    writes.post(f"{year}/compute")
    writes.post(f"{year}/publish")
    upheld = writes.post(f"{year}/objections", own, record_id=corrected)["id"]
    rejected = writes.post(f"{year}/objections", own)["id"]
    writes.post(f"/objections/{upheld}/uphold")
    writes.post(f"/objections/{rejected}/reject")
    leads(writes, serious)
    wait(writes, "published_on", "objections_until")
    writes.post(f"{year}/settle")
    writes.post(f"{year}/finalise")
    wait(writes, "final_on")
    writes.post(f"{year}/list")
    statement = writes.post(f"/companies/{company}/statements")
    writes.places["/statements/{id}"] = f"/statements/{statement['id']}"
    writes.post("/statements/verify", statement=statement["jws"])
    repairs(writes, own, about)
    writes.post(f"/records/{serious}/withdraw")
    writes.register("/assessments", **about)
    notice = table([Column(each) for each in HEADINGS], [("", CODE, "优秀", None)])
    writes.send(
        "post",
        "/assessments/import",
        files={"file": ("考核.xlsx", notice)},
        params={"year": 2022, "source": "通报"},
    )
    awards(writes, company)


def leads(writes: Writes, record: str) -> None:
    """Three requests of the hotline about the company: an objection to a record, evidence of it, nothing."""
    hotline = writes.running.client("dispatch:write", "dispatch:read", name="12345")
    said = {
        "matter": "credit-objection",
        "external_number": None,
        "details": {"uscc": CODE, "record": record},
    }
    filed, recorded, unfounded = [
        writes.post("/dispatch/requests", hotline, **said)["reference"] for _ in range(3)
    ]
    objection = writes.post(f"/leads/{filed}/file")["objection_id"]
    writes.post(f"/objections/{objection}/reject")
    writes.post(f"/leads/{recorded}/record", record_id=record)
    writes.post(f"/leads/{unfounded}/dismiss")


def wait(writes: Writes, *days: str) -> None:
    """Let two weeks go by, tokens staying as they are."""
    for day in days:
        writes.running.sql(f"UPDATE evaluations SET {day} = {day} - 14 WHERE {day} IS NOT NULL")


def repairs(writes: Writes, own, about: dict[str, str]) -> None:
    """One that is approved, one that is not."""
    for action, day in (("approve", "2024-03-01"), ("refuse", "2024-03-04")):
        record = writes.post("/records", acted_at=f"{day}T10:00:00+08:00", **about)["id"]
        repair = writes.post(f"/records/{record}/repairs", own)["id"]
        writes.post(f"/repairs/{repair}/{action}")


def awards(writes: Writes, company: UUID) -> None:
    """The fund of a year shared out, and a company's part adjusted."""
    # Nobody is on the red list of a year before the scheme: the company is put there, so that there is an award to adjust.
    writes.running.sql("UPDATE evaluations SET begins_on = '2024-01-01', ends_on = '2024-06-23'")
    writes.running.sql(
        "SET session_replication_role = replica; UPDATE results SET score = 90, grade = 'AAA', listed = 'red'"
    )
    writes.running.sql("UPDATE assessments SET year = 2024, result = 'excellent' WHERE year = 2023")
    writes.post("/awards/2024")
    writes.put(f"/awards/2024/companies/{company}")
