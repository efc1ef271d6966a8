"""The office service's story: a division document and its withdrawal, absences, posts, leading groups, programmes."""

from services.office.plan.roles import MANAGER, UNIT
from tests.contract.writes import Writes

#: The roles of the government office's desk.
ROLES = (MANAGER, UNIT)


def leaders(writes: Writes) -> None:
    """The leaders: a document that is entered, one that is entered wrongly, who is away, who holds a post."""
    post = writes.post
    wrong = post("/division-documents")["id"]
    post(f"/division-documents/{wrong}/withdraw")
    head = {"leader": "second-head", "name": "示例丁", "post": "区长", "directs_all": True}
    kept = post("/division-documents", leaders=[head], pairs=[])["id"]
    writes.places["/division-documents/{id}"] = f"/division-documents/{kept}"
    absence = post("/absences")["id"]
    writes.put(f"/absences/{absence}", ends_at=None)
    post(f"/absences/{absence}/cancel")
    writes.register("/post-holdings")
    writes.put(f"/leading-groups/{post('/leading-groups')['id']}")


def programmes(writes: Writes) -> None:
    """A plan whose units report, and a programme from its criteria to what is put right."""
    plan, district = "/programmes/property-three-year", "/programmes/traditional-medicine"
    post = writes.post
    for number in (1, 2):
        for path in (plan, district):
            post(f"{path}/stages/{number}/open")
    post(f"{plan}/stages/1/close")
    post(f"{plan}/stages/1/reopen")
    writes.register("/reporting-dates")
    post(f"{plan}/measures/2.5.2/units")
    post(f"{plan}/measures/2.5.2/units/铜川镇/release")
    writes.places["/programmes/{id}/measures/{number}"] = f"{plan}/measures/2.2.5"

    centre = of(writes, "housing-centre")
    taken_back = post("/progress-reports", centre)["id"]
    post(f"/progress-reports/{taken_back}/withdraw", centre)
    post("/progress-reports", centre)

    criterion = writes.register("/criteria")
    post(f"/criteria/{criterion}/assessments")
    post(f"{district}/stages/1/close")
    post(f"{district}/stages/3/open")
    correction = post("/corrections", criterion_id=criterion)["id"]
    finance = of(writes, "finance-bureau")
    post(f"/corrections/{correction}/finish", finance)
    post(f"/corrections/{correction}/redo")
    post(f"/corrections/{correction}/finish", finance)
    post(f"/corrections/{correction}/accept")


def of(writes: Writes, unit: str):
    """A unit that reports."""
    return writes.running.client("office:read", UNIT, unit=unit, name=unit)
