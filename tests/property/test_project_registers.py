"""What hangs on projects: safety work, readiness, boards, quality directors, bundles (P-2.1.3, P-2.2.4b, P-2.2.7, P-2.3.1)."""

from datetime import date

import pytest

from services.property.plan.appointments import CrossPost, Origin, needed
from services.property.plan.disclosure import BoardItem, board
from services.property.plan.duties import DUTIES
from services.property.plan.readiness import CERTIFIED, DoingKind, Readiness
from tests.property.conftest import lacking, row
from tests.property.test_coverage import _committee, _compound


@pytest.fixture
def compound(centre, submit):
    submit(row("甲"), row("乙"))
    return _compound(centre, "甲")


@pytest.fixture
def project(centre, compound):
    body = {"name": "天骄项目（虚构）", "kind": "residential", "street": "天骄街道"}
    made = _made(centre, "/projects", body | {"company_id": compound["company"], "begins_on": "2024-05-01"})
    return made["id"]


@pytest.mark.clause("P-2.2.4b")
@pytest.mark.parametrize(
    ("kind", "first_due", "next_due"),
    [
        ("fire_patrol", "2024-06-30", "2024-09-30"),
        ("fire_inspection", "2024-06-30", "2024-09-30"),
        ("fire_education", "2024-12-31", "2025-12-31"),
        ("fire_drill", "2024-12-31", "2025-12-31"),
    ],
)
def test_a_project_owes_fire_work_in_every_period_that_we_set_for_regularly(
    centre, project, kind, first_due, next_due
):
    _comes_again(centre, project, kind, first_due, next_due)
    assert "定期" in DUTIES[kind.replace("_", "-")].ours


@pytest.mark.clause("P-2.2.7b")
@pytest.mark.parametrize("kind", ["emergency_drill", "staff_training"])
def test_a_project_owes_an_emergency_drill_and_training_every_year(centre, project, kind):
    _comes_again(centre, project, kind, "2024-12-31", "2025-12-31")


def _comes_again(centre, project, kind, first_due, next_due):
    path = f"/duties/{kind.replace('_', '-')}"
    [owed] = centre.get(path).json()["items"]
    assert (owed["name"], owed["due_on"], owed["done"]) == ("天骄项目（虚构）", first_due, False)
    [late] = centre.get(path, params={"on": "2025-02-01", "overdue": True}).json()["items"]
    assert late["due_on"] == first_due
    other = next(each for each in DoingKind if each != kind)
    for done in (kind, other):
        _made(centre, "/project-doings", {"project_id": project, "kind": done, "done_on": "2024-06-20"})
    [owed] = centre.get(path).json()["items"]
    assert (owed["last_done_on"], owed["due_on"], owed["done"]) == ("2024-06-20", next_due, True)


@pytest.mark.clause("P-2.2.7a")
def test_a_project_lacks_what_is_not_there_or_whose_certificate_is_over(centre, project):
    [gap] = centre.get("/duties/emergency-readiness").json()["items"]
    assert gap["lacks"] == "缺少" + "、".join(each.zh for each in Readiness)
    for kind in Readiness:
        body = {"project_id": project, "kind": kind, "begins_on": "2024-06-01"}
        certificate = {"person": "张某某", "certificate": "T-1", "certified_until": "2024-12-31"}
        assert (centre.post("/project-means", json=body).status_code == 422) == (kind in CERTIFIED)
        if kind in CERTIFIED:
            made = _made(centre, "/project-means", body | certificate)
            assert made["person"] == "张**"
    assert lacking(centre, "emergency-readiness", on="2024-12-31") == []
    [gap] = centre.get("/duties/emergency-readiness", params={"on": "2025-01-10"}).json()["items"]
    assert (gap["since"], gap["lacks"]) == ("2025-01-01", "缺少" + "、".join(each.zh for each in CERTIFIED))


@pytest.mark.clause("P-2.3.1")
@pytest.mark.parametrize(
    ("day", "age", "current"), [(date(2025, 6, 1), 365, True), (date(2025, 6, 2), 366, False)]
)
def test_an_item_of_a_board_counts_for_a_year(day, age, current):
    shown = {each.item: each for each in board({BoardItem.FEES: date(2024, 6, 1)}, day)}
    assert (shown[BoardItem.FEES].age, shown[BoardItem.FEES].current) == (age, current)
    assert len(shown) == 7
    assert not any(each.current for item, each in shown.items() if item != BoardItem.FEES)


@pytest.mark.clause("P-2.3.1")
def test_a_boards_gaps_are_owed_and_its_completeness_and_age_are_shown(centre, project):
    body = {"project_id": project, "content": "联系电话 13800001234", "published_on": "2024-06-04"}
    for item in list(BoardItem)[:-1]:
        assert "13800001234" not in _made(centre, "/disclosures", body | {"item": item})["content"]
    [gap] = centre.get("/duties/disclosure-board").json()["items"]
    assert gap["lacks"] == f"缺少{BoardItem.MAINTENANCE.zh}"
    assert centre.get(f"/projects/{project}/board").json()["complete"] is False
    _made(centre, "/disclosures", body | {"item": BoardItem.MAINTENANCE, "published_on": "2024-06-20"})
    shown = centre.get(f"/projects/{project}/board").json()
    assert (shown["complete"], shown["items"][0]["age"], shown["items"][-1]["age"]) == (True, 20, 4)
    assert lacking(centre, "disclosure-board", on="2025-06-04") == []
    [gap] = centre.get("/duties/disclosure-board", params={"on": "2025-06-05"}).json()["items"]
    assert (gap["since"], gap["lacks"].count("、") >= 5) == ("2025-06-05", True)


@pytest.mark.clause("P-2.1.3")
def test_a_quality_director_comes_from_the_community_for_a_project_and_is_never_paid(centre, project):
    body = _appointment(centre, post="quality_director", project_id=project)
    assert _made(centre, "/cross-appointments", body)["paid"] is False
    for change in ({"paid": True}, {"origin": "owners_committee"}, {"project_id": None}):
        assert centre.post("/cross-appointments", json=body | change).status_code == 422


@pytest.mark.clause("P-2.1.3")
def test_committee_and_company_send_members_to_the_community_and_the_community_to_the_committee(
    centre, compound
):
    committee = _made(centre, "/committees", _committee(compound["id"]))["id"]
    for origin, post, named in (
        ("owners_committee", "community_party", {"committee_id": committee}),
        ("company", "community_committee", {"company_id": compound["company"]}),
        ("community", "owners_committee", {"committee_id": committee}),
    ):
        assert needed(Origin(origin), CrossPost(post)) == named.keys()
        body = _appointment(centre, origin=origin, post=post)
        _made(centre, "/cross-appointments", body | named)
        assert centre.post("/cross-appointments", json=body).status_code == 422
    outside = _appointment(centre, origin="company", post="community_party", company_id=compound["company"])
    assert centre.post("/cross-appointments", json=outside | {"party_member": False}).status_code == 422


def _appointment(centre, **more):
    communities = centre.get("/divisions", params={"kind": "community"}).json()["items"]
    body = {"community_id": communities[0]["id"], "person": "张某某", "party_member": True}
    return body | {"origin": "community", "begins_on": "2024-06-01"} | more


@pytest.mark.clause("P-2.4.2")
def test_compounds_are_bundled_only_when_the_owners_of_each_were_asked(centre, compound, project):
    other = _compound(centre, "乙")["id"]
    asked = {"asked_on": "2024-05-10", "in_favour": 9, "against": 1, "abstained": 0}
    body = {"project_id": project, "begins_on": "2024-06-01"}
    first = _made(centre, "/project-compounds", body | {"compound_id": compound["id"]})  # alone: no bundle
    for opinions, pointer in (({}, "/asked_on"), (asked, "/project_id")):
        refused = centre.post("/project-compounds", json=body | {"compound_id": other} | opinions)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, pointer)
    path, seen = f"/project-compounds/{first['id']}", {"If-Match": "*"}
    own = body | {"compound_id": compound["id"]}
    assert centre.put(path, json=own | asked, headers=seen).status_code == 200
    _made(centre, "/project-compounds", body | {"compound_id": other} | asked)
    assert centre.put(path, json=own, headers=seen).status_code == 409


def _made(client, path, body):
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()
