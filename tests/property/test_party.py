"""The party's work in companies (P-2.1.1), and the trade association (P-2.7.1)."""

import pytest

from services.property.plan.party import owed
from tests.property.conftest import lacking


@pytest.mark.clause("P-2.1.1")
@pytest.mark.parametrize(
    ("full_members", "branch", "instructor", "duty"),
    [
        (2, False, False, "party-instructor"),
        (3, False, False, "party-branch"),
        (2, False, True, None),
        (3, False, True, "party-branch"),
        (3, True, False, None),
        (2, True, False, None),
        (0, False, False, "party-instructor"),
        (None, False, False, "party-instructor"),
        (None, False, True, None),
    ],
)
def test_three_full_members_owe_a_branch_and_fewer_an_instructor_by_rule_and_in_the_list(
    centre, full_members, branch, instructor, duty
):
    assert owed(full_members, branch=branch, instructor=instructor) == duty
    company = centre.post("/companies", json={"name": "乙物业（虚构）"}).json()["id"]
    named = {"company_id": company, "street": "天骄街道"}
    if full_members is not None:
        _made(centre, "/party-members", named | {"as_of": "2024-06-01", "full_members": full_members})
    if branch:
        _made(
            centre, "/party-work", named | {"kind": "branch", "branch": "乙支部", "begins_on": "2024-06-02"}
        )
    if instructor:
        _made(
            centre,
            "/party-work",
            named | {"kind": "instructor", "instructor": "张某某", "begins_on": "2024-06-02"},
        )
    listed = [key for key in ("party-branch", "party-instructor") if lacking(centre, key)]
    assert listed == ([duty] if duty else [])


@pytest.mark.clause("P-2.1.1")
def test_a_branch_is_owed_from_the_count_that_was_enough_until_it_is_formed_and_again_when_it_ends(centre):
    company = centre.post("/companies", json={"name": "乙物业（虚构）"}).json()["id"]
    named = {"company_id": company, "street": "天骄街道"}
    for day, count in (("2024-04-01", 5), ("2024-05-01", 2), ("2024-05-10", 3), ("2024-06-01", 4)):
        _made(centre, "/party-members", named | {"as_of": day, "full_members": count})
    _made(
        centre,
        "/party-work",
        named | {"kind": "branch", "branch": "乙支部", "begins_on": "2024-05-20", "ends_on": "2024-06-22"},
    )
    on = {"on": "2024-06-24"}
    [owing] = centre.get("/duties/party-branch", params=on).json()["items"]
    assert (owing["due_on"], owing["overdue"], owing["lacks"]) == ("2024-06-23", True, "正式党员：4")
    assert lacking(centre, "party-branch", on="2024-06-22") == []


def test_an_instructors_name_is_shown_masked_and_a_second_branch_is_refused(centre, running):
    company = centre.post("/companies", json={"name": "乙物业（虚构）"}).json()["id"]
    named = {"company_id": company, "street": "天骄街道", "begins_on": "2024-06-02"}
    instructor = _made(centre, "/party-work", named | {"kind": "instructor", "instructor": "欧阳某某"})
    assert instructor["instructor"] == "欧***"
    back = {
        name: value for name, value in instructor.items() if name in named or name in ("kind", "instructor")
    }
    changed = centre.put(f"/party-work/{instructor['id']}", json=back, headers={"If-Match": "*"})
    assert changed.json()["instructor"] == "欧***"
    inspector = running.client("property:read", "personal:read")
    typed = inspector.get("/originals", params={"subject": instructor["id"]}).json()
    assert [each["text"] for each in typed] == ["欧阳某某"]
    branch = named | {"kind": "branch", "branch": "乙支部"}
    _made(centre, "/party-work", branch)
    assert centre.post("/party-work", json=branch).status_code == 409


def test_an_entry_of_a_company_that_is_not_there_says_which_field(centre):
    body = {"company_id": "01990000-0000-7000-8000-000000000000", "begins_on": "2024-06-01"}
    refused = centre.post("/memberships", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/company_id")


@pytest.mark.clause("P-2.7.1")
def test_a_new_company_is_registered_without_the_association_and_invited_but_never_overdue(centre):
    company = centre.post("/companies", json={"name": "乙物业（虚构）"})
    assert company.status_code == 201
    [invited] = centre.get("/duties/association", params={"on": "2026-04-30"}).json()["items"]
    assert (invited["name"], invited["overdue"]) == ("乙物业（虚构）", False)
    _made(centre, "/memberships", {"company_id": company.json()["id"], "begins_on": "2024-06-24"})
    assert lacking(centre, "association") == []


def _made(client, path, body):
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()
