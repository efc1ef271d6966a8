"""Who is in charge of a unit and who acts (D-1, D-2, D-3), over HTTP."""

from datetime import datetime

import pytest

from kit.district.clock import SHANGHAI

MORNING = "2024-06-24T09:30:00+08:00"
NUMBER = "东政办发〔2024〕29号"


def away(desk, leader: str, begins: str = "2024-06-24T08:00:00+08:00", ends: str | None = None, **more):
    body = {"leader": leader, "begins_at": begins, "ends_at": ends, "reason": "出差"}
    answer = desk.post("/absences", json=body | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def asked(client, unit: str, at: str = MORNING):
    answer = client.get("/in-charge", params={"unit": unit, "at": at})
    assert answer.status_code == 200, answer.text
    return answer.json()


def acting(found) -> list[str | None]:
    return [each["acting"] and each["acting"]["name"] for each in found["charges"]]


@pytest.mark.clause("D-1", "D-2")
def test_who_is_in_charge_and_there_acts_and_the_document_is_named(desk):
    found = asked(desk, "区应急管理局")
    [charge] = found["charges"]
    assert found["standing"] == "one"
    assert (charge["leader"]["name"], charge["leader"]["post"]) == ("高明", "区委常委、副区长")
    assert (charge["acting"], charge["how"]) == (charge["leader"], "himself")
    assert charge["written"] == "区应急管理局（区矿山安全监管局）"
    [link] = charge["chain"]
    assert (link["why"], link["clause"], link["document"]) == ("charge", "D-1", NUMBER)
    assert found["document"]["number"] == NUMBER
    assert {each["clause"] for each in found["basis"]} == {"D-1", "D-2", "D-3"}


@pytest.mark.clause("D-2")
def test_the_partner_acts_from_the_moment_an_absence_begins_up_to_its_end(desk):
    away(desk, "gao-ming", "2024-06-24T12:00:00+08:00", "2024-06-25T12:00:00+08:00")
    for at, who in (
        ("2024-06-24T11:59:59.999999+08:00", "高明"),
        ("2024-06-24T12:00:00+08:00", "杜娟"),
        ("2024-06-25T11:59:59.999999+08:00", "杜娟"),
        ("2024-06-25T12:00:00+08:00", "高明"),
    ):
        assert acting(asked(desk, "区应急管理局", at)) == [who], at
    found = asked(desk, "区应急管理局", "2024-06-24T12:00:00+08:00")
    assert "高明外出，由AB角杜娟代行。" in found["sentence"]
    links = [(each["leader"]["name"], each["why"], each["clause"]) for each in found["charges"][0]["chain"]]
    assert links == [("高明", "charge", "D-1"), ("杜娟", "partner", "D-2")]
    assert found["charges"][0]["chain"][0]["away_until"] == "2024-06-25T12:00:00+08:00"


@pytest.mark.clause("D-2")
@pytest.mark.parametrize(
    ("unit", "leader", "first", "second"),
    [
        ("区民政局", "shi-xuesong", ("wang-zhi", "王志"), ("hai-xia", "海霞")),
        ("区生态环境分局", "wang-zhi", ("shi-xuesong", "史雪松"), ("xue-yang", "薛阳")),
        ("区教体局", "yang-yun", ("zhang-bing", "张兵"), ("wang-huichun", "王慧春")),
    ],
)
def test_of_two_pairs_the_one_printed_first_acts_and_the_other_is_named(desk, unit, leader, first, second):
    away(desk, leader)
    [charge] = asked(desk, unit)["charges"]
    assert charge["acting"]["name"] == first[1]
    assert [each["name"] for each in charge["others"]] == [second[1]]
    assert second[1] in charge["sentence"]
    away(desk, first[0])
    [charge] = asked(desk, unit)["charges"]
    assert (charge["acting"]["name"], charge["how"], charge["others"]) == (second[1], "partner", [])
    assert first[1] in charge["sentence"]


@pytest.mark.clause("D-2")
def test_with_all_partners_away_it_goes_on_along_their_pairs_and_says_so(desk):
    for leader in ("shi-xuesong", "wang-zhi", "hai-xia"):
        away(desk, leader)
    [charge] = asked(desk, "区民政局")["charges"]
    assert (charge["acting"]["name"], charge["how"]) == ("薛阳", "onward")
    assert "沿AB角依次查找，由王志的AB角薛阳代行" in charge["sentence"]
    assert [each["leader"]["name"] for each in charge["chain"]] == ["史雪松", "王志", "海霞", "薛阳"]
    assert charge["chain"][-1]["instead_of"] == "王志"


@pytest.mark.clause("D-2")
def test_a_chain_that_comes_round_to_its_start_ends_with_the_head_and_nobody_acts_for_the_head(desk):
    away(desk, "gao-ming")
    away(desk, "du-juan")
    [charge] = asked(desk, "区应急管理局")["charges"]
    assert (charge["acting"]["name"], charge["how"]) == ("韩涛", "head")
    assert "又回到高明，由主持全面工作的韩涛负责" in charge["sentence"]
    assert charge["chain"][-1]["why"] == "directs_all"
    away(desk, "han-tao")
    [charge] = asked(desk, "区应急管理局")["charges"]
    assert (charge["acting"], charge["how"]) == (None, "nobody")
    assert "文件没有写明由谁代行" in charge["sentence"]


@pytest.mark.clause("D-2")
def test_for_the_head_s_own_unit_nobody_is_printed_and_who_helps_is_said(desk):
    found = asked(desk, "区审计局")
    assert acting(found) == ["韩涛"]
    [helper] = found["helpers"]
    assert helper["leader"]["name"] == "高明"
    assert "高明协助韩涛分管" in found["sentence"]
    away(desk, "han-tao")
    found = asked(desk, "区审计局")
    assert acting(found) == [None]
    assert "主持全面工作的韩涛外出，文件没有写明由谁代行" in found["sentence"]


@pytest.mark.clause("D-1")
def test_a_unit_that_two_leaders_share_is_answered_with_each_one_s_scope(desk):
    found = asked(desk, "区市场监管局")
    assert found["standing"] == "shared"
    assert [(each["leader"]["name"], each["scope"]) for each in found["charges"]] == [
        ("杜娟", None),
        ("杨云", "医药"),
    ]
    assert "杨云分管（医药）" in found["sentence"]


@pytest.mark.clause("D-1")
def test_a_unit_that_is_only_in_contact_has_nobody_in_charge(desk):
    found = asked(desk, "区消防救援大队")
    assert (found["standing"], found["charges"]) == ("contact_only", [])
    assert [each["leader"]["name"] for each in found["contacts"]] == ["高明"]
    assert "没有写明区消防救援大队由谁分管，只写明联系" in found["sentence"]
    assert found["sentence"].endswith("高明在岗，由本人联系。")
    away(desk, "gao-ming")
    assert asked(desk, "区消防救援大队")["contacts"][0]["acting"]["name"] == "杜娟"


@pytest.mark.clause("D-1")
def test_a_zone_in_contact_with_two_leaders_keeps_their_scopes(desk):
    contacts = asked(desk, "鄂尔多斯高新区")["contacts"]
    assert [(each["leader"]["name"], each["scope"]) for each in contacts] == [
        ("杨云", "绒纺产业、商贸物流、自贸区建设"),
        ("王志", "装备制造业、高新技术产业"),
    ]


@pytest.mark.clause("D-1")
def test_what_nobody_is_in_charge_of_is_the_head_s_and_said_so(desk):
    found = asked(desk, "天骄街道")
    assert (found["standing"], acting(found)) == ("nobody", ["韩涛"])
    assert found["charges"][0]["chain"][0]["why"] == "directs_all"
    assert "没有写明天骄街道由谁分管，由主持全面工作的区委副书记、区长韩涛负责" in found["sentence"]


@pytest.mark.clause("D-1")
def test_who_presides_over_a_unit_is_said_beside_who_is_in_charge(desk):
    found = asked(desk, "区政府办公室")
    assert acting(found) == ["高明"]
    assert [each["leader"]["name"] for each in found["presiding"]] == ["袁飞"]


@pytest.mark.clause("D-1")
@pytest.mark.parametrize(
    ("unit", "who"), [("区工科局", "王志"), ("区工信和科技局", "王志"), ("emergency-bureau", "高明")]
)
def test_a_unit_is_asked_for_by_any_of_its_names(desk, unit, who):
    assert acting(asked(desk, unit)) == [who]


@pytest.mark.clause("D-1")
def test_what_is_no_unit_is_refused_at_its_place_and_a_field_is_called_one(desk):
    for unit, said in (
        ("区魔法局", "没有名为“区魔法局”的单位"),
        ("口岸", "“口岸”是高明负责的工作，不是单位"),
    ):
        refused = desk.get("/in-charge", params={"unit": unit})
        assert refused.status_code == 422
        assert refused.json()["type"].endswith(":unknown-unit")
        assert refused.json()["errors"][0]["pointer"] == "?unit"
        assert said in refused.json()["detail"]


@pytest.mark.clause("D-3")
def test_before_the_first_document_there_is_no_answer_and_it_says_so(desk):
    refused = desk.get("/in-charge", params={"unit": "区应急管理局", "at": "2024-06-06T23:59:59+08:00"})
    assert (refused.status_code, refused.json()["type"].split(":")[-1]) == (404, "no-division-in-force")
    assert "2024-06-06 没有施行中的领导工作分工文件" in refused.json()["detail"]
    assert acting(asked(desk, "区应急管理局", "2024-06-07T00:00:00+08:00")) == ["高明"]


@pytest.mark.clause("D-1", "D-2")
def test_without_a_moment_it_is_answered_for_now(office, desk):
    away(desk, "gao-ming", "2024-06-24T10:00:00+08:00")
    ask = {"unit": "区应急管理局"}
    assert acting(desk.get("/in-charge", params=ask).json()) == ["高明"]
    office.clock.now = datetime(2024, 6, 24, 10, tzinfo=SHANGHAI)
    assert acting(desk.get("/in-charge", params=ask).json()) == ["杜娟"]


# ---------------------------------------------------------------------------------------------- posts
def posts(desk, at: str = MORNING) -> dict:
    return {each["post"]: each for each in desk.get("/in-charge/posts", params={"at": at}).json()["posts"]}


def hold(desk, leader: str = "gao-ming", begins: str = "2024-06-10", ends: str | None = None):
    body = {
        "post": "executive_deputy",
        "leader": leader,
        "begins_on": begins,
        "ends_on": ends,
        "source": "任职文件（虚构）",
    }
    return desk.post("/post-holdings", json=body)


@pytest.mark.clause("D-1")
def test_who_is_executive_deputy_is_never_guessed(desk):
    found = posts(desk)
    assert found["head"]["acting"]["name"] == "韩涛"
    assert (found["executive_deputy"]["holder"], found["executive_deputy"]["acting"]) == (None, None)
    assert "没有登记谁担任常务副区长" in found["executive_deputy"]["sentence"]
    assert hold(desk).status_code == 201
    assert posts(desk)["executive_deputy"]["acting"]["name"] == "高明"
    assert posts(desk, "2024-06-09T23:59:59+08:00")["executive_deputy"]["holder"] is None
    assert posts(desk, "2024-06-10T00:00:00+08:00")["executive_deputy"]["holder"]["name"] == "高明"


@pytest.mark.clause("D-1")
def test_two_are_never_executive_deputy_on_one_day(desk):
    kept = hold(desk, ends="2024-06-20")
    refused = hold(desk, "du-juan", begins="2024-06-20")
    assert (refused.status_code, refused.json()["type"].split(":")[-1]) == (409, "overlapping-period")
    assert hold(desk, "du-juan", begins="2024-06-21").status_code == 201
    assert posts(desk)["executive_deputy"]["holder"]["name"] == "杜娟"
    assert posts(desk, "2024-06-20T23:59:59+08:00")["executive_deputy"]["holder"]["name"] == "高明"
    backwards = hold(desk, "du-juan", begins="2023-06-21", ends="2023-06-20")
    assert (backwards.status_code, backwards.json()["errors"][0]["pointer"]) == (422, "/ends_on")
    unknown = hold(desk, "no-body", begins="2023-06-21", ends="2023-06-22")
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/leader")
    assert desk.delete(f"/post-holdings/{kept.json()['id']}", headers={"If-Match": "*"}).status_code == 204


@pytest.mark.clause("D-2")
def test_a_partner_takes_over_units_and_no_post(desk):
    hold(desk)
    away(desk, "gao-ming")
    away(desk, "han-tao")
    found = posts(desk)
    assert found["emergency_leader"]["acting"]["name"] == "杜娟"
    for post in ("head", "executive_deputy"):
        assert found[post]["acting"] is None
        assert "文件没有写明由谁代行" in found[post]["sentence"]
