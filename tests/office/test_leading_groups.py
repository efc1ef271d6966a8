"""Leading groups: the posts that steer a programme, and the office that carries the work (P-4.1)."""

import pytest

from services.office.leading_groups.api import load_groups

TITLE = "东胜区物业服务全覆盖提品质三年行动工作领导小组"


def the_group(desk):
    [group] = desk.get("/leading-groups").json()["items"]
    return group


def as_entered(group):
    """A group as it is put back."""
    keys = ("title", "document", "office", "office_director")
    members = [
        {
            "role": each["role"],
            "post": each["post"],
            "units": [unit["id"] for unit in each["units"]],
            "name": each["name"],
        }
        for each in group["members"]
    ]
    return {key: group[key] for key in keys} | {
        "office_unit": group["office_unit"]["id"],
        "clause": "P-4.1",
        "members": members,
    }


@pytest.mark.clause("P-4.1")
def test_the_property_plan_s_group_is_loaded_as_printed(desk):
    group = the_group(desk)
    assert (group["title"], group["document"]) == (TITLE, "东政发〔2024〕18号")
    assert (group["office_unit"]["name"], group["office_director"]) == ("区住房保障综合服务中心", "张鲁")
    members = [(each["role_zh"], each["post"], each["name"]) for each in group["members"]]
    assert members[0] == ("组长", "区政府副区长", "张建功")
    assert members[1] == ("副组长", "区住房保障综合服务中心主任", "张鲁")
    assert members[-1] == ("成员", "铁西供电分公司经理", "郭玉成")
    assert len(members) == 36
    assert sum(each["units"][0]["name"].endswith("街道") for each in group["members"]) == 12
    [publicity] = [each for each in group["members"] if each["name"] == "张龙"]
    assert [each["name"] for each in publicity["units"]] == ["区委宣传部", "区文明办"]


@pytest.mark.clause("P-4.1")
@pytest.mark.parametrize(
    ("unit", "count"), [("区工科局", 1), ("区文明办", 1), ("区住房保障中心", 1), ("区教体局", 0)]
)
def test_groups_are_found_by_a_unit_of_theirs(desk, unit, count):
    assert len(desk.get("/leading-groups", params={"unit": unit}).json()["items"]) == count


@pytest.mark.clause("P-4.1")
def test_loading_the_groups_again_changes_nothing_that_the_office_has_changed(office, desk):
    group = the_group(desk)
    body = as_entered(group) | {"office_director": "某主任（虚构）"}
    assert desk.put(f"/leading-groups/{group['id']}", json=body, headers={"If-Match": "*"}).status_code == 200
    office.run(load_groups)
    assert the_group(desk)["office_director"] == "某主任（虚构）"


@pytest.mark.clause("P-4.1")
def test_a_post_that_somebody_else_comes_to_hold_stays_the_same_post(office, desk):
    group = the_group(desk)
    path = f"/leading-groups/{group['id']}"
    body = as_entered(group)
    finance = next(number for number, each in enumerate(body["members"]) if each["post"] == "区财政局局长")
    body["members"][finance]["name"] = "某局长（虚构）"
    body["members"].pop()  # 铁西供电分公司经理
    body["members"].insert(
        2, {"role": "deputy", "post": "区政府办公室主任", "units": ["区政府办"], "name": None}
    )
    assert desk.put(path, json=body).status_code == 428
    assert desk.put(path, json=body, headers={"If-Match": '"9"'}).status_code == 412
    changed = desk.put(path, json=body, headers={"If-Match": desk.get(path).headers["etag"]})
    assert changed.status_code == 200, changed.text
    ids = {each["post"]: each["id"] for each in group["members"]}
    after = {each["post"]: each for each in changed.json()["members"]}
    assert after["区财政局局长"]["id"] == ids["区财政局局长"]
    assert after["区财政局局长"]["name"] == "某局长（虚构）"
    assert [each["post"] for each in changed.json()["members"]] == [each["post"] for each in body["members"]]
    [told] = desk.told("office.leading-group.changed")
    assert (told["data"]["added"], told["data"]["removed"], told["data"]["replaced"]) == (
        ["区政府办公室主任"],
        ["铁西供电分公司经理"],
        ["区财政局局长"],
    )
    assert office.sql("SELECT count(*) FROM leading_group_members") == [(36,)]


@pytest.mark.clause("P-4.1")
def test_a_group_is_entered_once_with_a_leader_and_each_post_once(desk):
    body = as_entered(the_group(desk))
    again = desk.post("/leading-groups", json=body)
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (409, "/title")
    body |= {"title": "某领导小组（虚构）", "clause": None}
    for changes, pointer in (
        ({"members": body["members"][1:]}, "/members"),
        ({"members": [*body["members"], body["members"][3]]}, "/members/36/post"),
        ({"office_unit": "区魔法局"}, "/office_unit"),
        ({"members": [body["members"][0] | {"units": ["区魔法局"]}]}, "/members/0/units/0"),
        ({"clause": "X-1"}, "/clause"),
    ):
        refused = desk.post("/leading-groups", json=body | changes)
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["pointer"] == pointer
    made = desk.post("/leading-groups", json=body)
    assert made.status_code == 201
    assert len(desk.get("/leading-groups", params={"unit": "区财政局"}).json()["items"]) == 2


@pytest.mark.clause("P-4.1")
def test_only_the_government_office_changes_groups(office, desk):
    body = as_entered(the_group(desk)) | {"title": "某领导小组（虚构）"}
    another = office.client("office:read", "office:write", "office:report", unit="housing-centre")
    assert another.post("/leading-groups", json=body).status_code == 403
