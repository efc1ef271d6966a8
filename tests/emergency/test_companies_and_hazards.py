"""Who must keep a rescue team, which hazard sources stand open, and whose monthly analysis is missing."""

from itertools import product

import pytest
from sqlalchemy import insert, select

from kit.storage.db import new_id
from services.emergency.app import service
from services.emergency.companies.companies import Company, Team, lacks_team
from services.emergency.companies.team_duty import CompanyKind, Size


@pytest.fixture
def running(serve):
    return serve(service)


@pytest.fixture
def office(running):
    return running.client()


MINE = {"name": "某煤矿", "kind": "mining", "size": "large", "supervisor": "区能源局", "street": "铜川镇"}
TEAM = {"name": "矿山救护队", "kind": "professional", "members": 30, "place": "铜川镇"}


def company(office, **change):
    made = office.post("/companies", json=MINE | change)
    assert made.status_code == 201, made.json()
    return made.json()["id"]


def lacking(office, **params):
    return [each["name"] for each in office.get("/rescue-teams/lacking", params=params).json()["items"]]


@pytest.mark.clause("E-6.1")
def test_who_must_keep_a_team_and_has_none_is_listed_until_it_has(office):
    mine = company(office)
    company(office, name="某小宾馆", kind="hotel", size="micro", rescuer="某兼职员", street="天骄街道")
    company(office, name="某软件公司", kind="other")
    assert lacking(office) == ["某煤矿"]
    assert lacking(office, street="天骄街道") == []

    team = office.post("/rescue-teams", json=TEAM).json()["id"]
    kept = office.put(f"/companies/{mine}", json=MINE | {"own_team_id": team}, headers={"If-Match": "*"})

    assert kept.json()["standing"] == {"duty": "team", "fulfilled": True, "advised": False}
    assert lacking(office) == []
    assert office.delete(f"/rescue-teams/{team}", headers={"If-Match": "*"}).status_code == 409


@pytest.mark.clause("E-6.1")
def test_the_list_agrees_with_the_rule_for_every_kind_of_company(running):
    """The rule is Python, the list is SQL: all 1408 combinations of what decides."""

    async def disagreeing(context):
        session, now = context.session, context.now
        team = Team(
            id=new_id(),
            entered_at=now,
            changed_at=now,
            kind="company",
            **{k: TEAM[k] for k in TEAM if k != "kind"},
        )
        own = []
        rows = []
        for number, (kind, size, park, has_own, joint, rescuer, agreed) in enumerate(
            product(CompanyKind, Size, *[(False, True)] * 5)
        ):
            if has_own:  # a team belongs to one company
                own.append(
                    {"id": new_id(), "name": f"队{number}", "kind": "company", "members": 1, "place": "x"}
                )
            rows.append(
                {
                    "id": new_id(),
                    "name": f"企业{number}",
                    "kind": kind,
                    "size": size,
                    "in_park": park,
                    "supervisor": "energy-bureau",
                    "street": "tongchuan-town",
                    "rescuer": "某人" if rescuer else None,
                    "own_team_id": own[-1]["id"] if has_own else None,
                    "joint_team_id": team.id if joint else None,
                    "agreement_team_id": team.id if agreed else None,
                }
            )
        common = {"version": 1, "entered_at": now, "changed_at": now}
        session.add(team)
        await session.flush()
        await session.execute(insert(Team), [row | common for row in own])
        await session.execute(insert(Company), [row | common for row in rows])
        listed = set(await session.scalars(select(Company.id).where(lacks_team())))
        companies = list(await session.scalars(select(Company)))
        wrong = [each.name for each in companies if each.standing.fulfilled is (each.id in listed)]
        return len(companies), wrong

    assert running.run(disagreeing) == (len(CompanyKind) * len(Size) * 32, [])


def test_a_company_cannot_rely_on_a_team_that_is_not_there(office):
    refused = office.post("/companies", json=MINE | {"own_team_id": str(new_id())})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/own_team_id")


def test_a_caller_of_one_street_enters_nothing_of_another(running):
    street = running.client("emergency:read", "emergency:write", division="天骄街道")
    refused = street.post("/companies", json=MINE)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:dongsheng:problem:another-division")
    assert street.post("/companies", json=MINE | {"street": "天骄街道"}).status_code == 201


def test_a_caller_of_one_street_sees_no_phone_of_another(running, office):
    id = company(office, phone="13812345678")
    scopes = ("emergency:read", "personal:read")
    assert running.client(*scopes, division="天骄街道").get(f"/companies/{id}/phone").status_code == 404
    assert running.client(*scopes, division="铜川镇").get(f"/companies/{id}/phone").status_code == 200


def source(company_id, **change):
    return {"company_id": company_id, "name": "液氨罐区", "street": "铜川镇", "place": "东侧"} | change


@pytest.mark.clause("E-3.1", "E-3.2a")
def test_a_hazard_source_lacks_grade_filing_and_monitoring_until_it_has_them(office):
    made = office.post("/hazard-sources", json=source(company(office)))
    path = f"/hazard-sources/{made.json()['id']}"

    def what():
        return [each["lacks"] for each in office.get("/hazard-sources/lacking").json()["items"]]

    assert what() == [["分级", "备案", "在线监控"]]
    graded = source(made.json()["company_id"], grade=2)
    office.put(path, json=graded, headers={"If-Match": "*"})
    assert what() == [["备案", "在线监控"]]
    filed = graded | {"filed_with": "区应急管理局", "filed_on": "2024-06-20", "monitored_online": True}
    office.put(path, json=filed, headers={"If-Match": "*"})
    assert what() == []
    assert (
        office.get("/hazard-sources", params={"grade": 2}).json()["items"][0]["filed_with"]["name"]
        == "区应急管理局"
    )


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"grade": 5}, "/grade"),
        ({"filed_with": "区应急管理局"}, "/"),
        ({"assessed_on": "2024-06-25"}, "/assessed_on"),
    ],
)
def test_a_hazard_source_that_cannot_be_is_refused(office, change, pointer):
    refused = office.post("/hazard-sources", json=source(company(office), **change))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


def analysis(company_id, month="2024-06", **change):
    return {
        "company_id": company_id,
        "month": month,
        "analysed_on": "2024-06-24",
        "risk": "low",
        "findings": "正常",
    } | change


@pytest.mark.clause("E-3.2a")
def test_a_company_owes_an_analysis_every_month_and_the_missing_ones_are_listed(running, office):
    company(office, name="勤勉公司")
    company(office, name="懈怠公司")
    diligent = office.get("/companies", params={"q": "勤勉"}).json()["items"][0]["id"]
    office.post("/risk-analyses", json=analysis(diligent))

    def missing(**params):
        answer = office.get("/risk-analyses/lacking", params=params).json()
        return answer["month"], answer["overdue"], [each["name"] for each in answer["items"]]

    assert missing(month="2024-06") == ("2024-06", False, ["懈怠公司"])
    assert missing() == ("2024-05", True, [])  # neither was on the register in May
    running.clock.now = running.clock.now.replace(month=7, day=1)
    assert missing() == ("2024-06", True, ["懈怠公司"])


@pytest.mark.clause("E-3.2a")
def test_a_month_is_analysed_once_and_not_before_it_begins(office):
    id = company(office)
    assert office.post("/risk-analyses", json=analysis(id)).status_code == 201
    assert office.post("/risk-analyses", json=analysis(id)).status_code == 409
    early = office.post("/risk-analyses", json=analysis(id, month="2024-07"))
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "/analysed_on")


def test_analyses_are_filtered_by_month_and_keep_it_a_month(office):
    id = company(office)
    office.post("/risk-analyses", json=analysis(id))
    office.post("/risk-analyses", json=analysis(id, month="2024-05"))
    assert [
        a["month"] for a in office.get("/risk-analyses", params={"month": "2024-05"}).json()["items"]
    ] == ["2024-05"]
