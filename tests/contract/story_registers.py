"""The registers of the property service: entered, changed, removed, in an order that works."""

from tests.contract.writes import Writes


def registers(writes: Writes, compound: str, company: str) -> None:
    """Every register of the plan, of a compound and a company that are there."""
    writes.register("/party-members", company_id=company)
    writes.register("/party-work", company_id=company)
    writes.register("/memberships", company_id=company)
    writes.register("/street-means")
    item = writes.post("/candidate-list-items")["id"]
    writes.put(f"/candidate-list-items/{item}")
    writes.register("/candidates", compound_id=compound, cleared=[item])
    decision = writes.register("/assembly-decisions", compound_id=compound)
    writes.register("/committee-payments", decision_id=decision)
    _of_streets_and_the_district(writes, compound, company)


def _of_streets_and_the_district(writes: Writes, compound: str, company: str) -> None:
    writes.register("/training-plans")
    writes.register("/training-courses")
    writes.register("/selections")
    area = writes.register("/patrol-areas")
    writes.register("/patrol-staff", area_id=area)
    writes.register("/patrols", compound_id=compound)
    writes.register("/pilots", compound_id=compound)
    service = writes.post("/menu-items")["id"]
    writes.put(f"/menu-items/{service}")
    writes.register("/fallbacks", compound_id=compound, company_id=company, services=[service])
    writes.register("/subsidies", compound_id=compound, company_id=company)
    communities = writes.caller.get("/divisions", params={"kind": "community"}).json()["items"]
    writes.register("/service-centres", community_id=communities[0]["id"])


def of_projects(writes: Writes, compound: str, project: str) -> None:
    """The registers that hang on a project, and the renewal of its compound."""
    for path in ("/project-doings", "/project-means", "/disclosures"):
        writes.register(path, project_id=project)
    writes.places["/projects/{id}"] = f"/projects/{project}"
    communities = writes.caller.get("/divisions", params={"kind": "community"}).json()["items"]
    writes.register("/cross-appointments", community_id=communities[0]["id"], project_id=project)
    writes.register("/renewals", compound_id=compound)
