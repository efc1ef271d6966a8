"""What is likely one is proposed with the reasons, never merged by itself, and stays away once it was dismissed."""

import pytest

from kit.district.names import likeness, name_key
from services.property.plan.doubles import Facts, reasons
from tests.property.conftest import row


def facts(name, **more):
    return Facts(name=name, key=name_key(name), like=likeness(name), **more)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("某某物业有限公司", "某某物业有限责任公司"),
        ("某某（东胜）物业有限公司", "某某东胜物业有限公司"),
        ("某某物业 有限公司", "某某物业有限责任公司"),
    ],
)
def test_companies_whose_names_differ_in_nothing_are_likely_one(one, other):
    assert reasons(facts(one), facts(other)) == ("名称只差括号、空格，或“有限公司”与“有限责任公司”",)


HERE = {"street": "天骄街道", "community": "团结社区", "community_like": "团结"}
FIGURES = ("甲物业", 4, 200, 20000)


@pytest.mark.parametrize(
    ("one", "other", "word"),
    [
        (facts("和谐", **HERE), facts("和谐小区", **HERE), "后缀"),
        (
            facts("和谐", **HERE),
            facts("和谐", **HERE | {"community": "乙社区", "community_like": "乙"}),
            "改属",
        ),
        (facts("和谐", **HERE), facts("和谐", **HERE | {"street": "交通街道"}), "划归另一街道"),
        (facts("和谐苑", **HERE, figures=FIGURES), facts("合协苑", **HERE, figures=FIGURES), "户数"),
        (facts("新苑", **HERE, called=frozenset({"老苑"})), facts("老苑", **HERE), "原名称"),
        (facts("甲", uscc="91150602MA0DEMF00Q"), facts("乙", uscc="92150602MA0DEMF005"), "组织机构代码"),
    ],
)
def test_each_reason_stands_by_itself_and_is_the_same_either_way(one, other, word):
    [reason] = reasons(one, other)
    assert word in reason
    assert len(reasons(other, one)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (facts("和谐", **HERE), facts("和谐", street="交通街道", community="乙社区", community_like="乙")),
        (facts("和谐苑", **HERE), facts("合协苑", **HERE)),
        (facts("和谐一期", **HERE), facts("和谐二期", **HERE)),
        (facts("甲", uscc="91150602MA0DEMF00Q"), facts("乙")),
    ],
)
def test_what_only_sounds_alike_or_lies_elsewhere_is_not_proposed(one, other):
    assert reasons(one, other) == ()


def test_doubles_are_proposed_by_page_until_they_are_merged_or_dismissed(centre, submit):
    submit(
        row("和谐（一期）"),
        row("和谐一期小区", households=210),
        row("搬家苑", community="东社区", households=310),
        row("搬家苑", community="西社区", households=320),
        row("像一苑", area="20000", company="乙物业有限公司"),
        row("象一苑", area="20000", company="乙物业有限责任公司"),
        row("丙苑", households=340),
    )
    companies = _doubles(centre, "company")
    assert [len(each["reasons"]) for each in companies] == [1]
    merged = centre.post(
        f"/companies/{companies[0]['one']['id']}/withdraw",
        json={"into": companies[0]["other"]["id"], "reason": "同一家"},
    )
    assert (merged.status_code, _doubles(centre, "company")) == (200, [])
    found = _doubles(centre, "compound", limit=2)
    names = [{each["one"]["name"], each["other"]["name"]} for each in found]
    assert sorted(map(sorted, names)) == sorted(
        map(sorted, [{"和谐（一期）", "和谐一期小区"}, {"搬家苑"}, {"像一苑", "象一苑"}])
    )
    for each in found:
        pair = {"one_id": each["other"]["id"], "other_id": each["one"]["id"]}
        entered = centre.post("/dismissals", json={"kind": "compound", **pair, "reason": "实地看过，是两处"})
        assert entered.status_code == 201, entered.text
    assert _doubles(centre, "compound") == []
    assert [each["reason"] for each in centre.get("/dismissals").json()["items"]] == ["实地看过，是两处"] * 3


def test_a_street_sees_and_dismisses_its_own_doubles_only(running, centre, submit):
    submit(row("和谐"), row("和谐小区"), row("和谐", street="交通街道"))
    [pair] = _doubles(running.client("property:read", division="天骄街道"), "compound")
    assert _doubles(running.client("property:read", division="建设街道"), "compound") == []
    assert len(_doubles(centre, "compound")) > 1
    body = {
        "kind": "compound",
        "one_id": pair["one"]["id"],
        "other_id": pair["other"]["id"],
        "reason": "不是",
    }
    street = running.client("property:read", "property:write", division="交通街道")
    assert street.post("/dismissals", json=body).status_code == 403


def _doubles(client, kind, limit=50):
    """All pages of the doubles."""
    found, cursor = [], {}
    while True:
        answer = client.get("/doubles", params={"kind": kind, "limit": limit, **cursor})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if answer.json()["next"] is None:
            return found
        cursor = {"cursor": answer.json()["next"]}
