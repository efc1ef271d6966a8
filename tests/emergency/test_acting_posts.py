"""Who acts now for the headquarters' posts (E-2.1a, D-2)."""

import pytest

from services.emergency.app import service
from tests.leadership import PEER, office_of, post


@pytest.fixture
def running(serve):
    return serve(service, office=PEER)


@pytest.fixture
def office(running):
    """What the office service answers."""
    return office_of(running)


def asked(running, **params):
    answer = running.client("emergency:read").get("/headquarters-posts/acting", params=params)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found, {each["post"]: each for each in found["posts"]}


@pytest.mark.clause("E-2.1a", "D-2")
def test_posts_that_leaders_hold_are_shown_with_who_acts(running, office):
    office["posts"] = [
        post("head", "区长", "韩涛"),
        post("emergency_leader", "分管应急的区政府领导", "高明", away=True, acting="杜娟"),
    ]
    found, posts = asked(running, at="2024-06-24T12:00:00+08:00")
    assert (found["office_answered"], found["note"]) == (True, None)
    assert posts["commander"]["acting"]["name"] == "韩涛"
    assert posts["executive-deputy"]["acting"]["name"] == "杜娟"
    assert posts["executive-deputy"]["leadership"]["holder"]["name"] == "高明"
    assert posts["deputy-fire"]["leadership"] is None
    assert posts["deputy-fire"]["sentence"] == "由消防救援大队主要负责人担任，以本系统登记的人员为准。"
    assert office["asked"] == ["2024-06-24T12:00:00+08:00"]


@pytest.mark.clause("E-2.1a", "D-2")
def test_where_nobody_acts_for_a_leader_the_plan_s_deputies_are_named(running, office):
    office["posts"] = [
        post("head", "区长", "韩涛", away=True),
        post("emergency_leader", "分管应急的区政府领导", "高明"),
    ]
    _, posts = asked(running)
    assert posts["commander"]["acting"] is None
    assert posts["commander"]["deputies"] == ["常务副总指挥"]
    assert posts["commander"]["sentence"].endswith("按预案由常务副总指挥（高明）代行。")


@pytest.mark.clause("D-2")
def test_without_an_answer_of_the_office_the_posts_stand_alone_and_it_is_said(running, office):
    running.client("emergency:read", "emergency:write")
    found, posts = asked(running)
    assert found["office_answered"] is False
    assert "政府办公室服务暂时没有答复" in found["note"]
    assert posts["commander"]["acting"] is None
    assert "政府办公室服务暂时没有答复" in posts["commander"]["sentence"]
    assert "由区政府主要领导担任" in posts["commander"]["sentence"]
    assert len(posts) == 10
    office["posts"] = []  # it answers, and knows none of the posts
    found, posts = asked(running)
    assert found["office_answered"] is True
    assert "没有答复这个职务" in posts["commander"]["sentence"]


def test_a_holder_that_was_entered_is_shown_beside(running, office):
    caller = running.client("emergency:read", "emergency:write")
    [seat] = caller.get("/headquarters-posts", params={"post": "commander"}).json()["items"]
    body = {"post": "commander", "seat": 1, "holder": "某区长（虚构）", "phone": None}
    assert (
        caller.put(f"/headquarters-posts/{seat['id']}", json=body, headers={"If-Match": "*"}).status_code
        == 200
    )
    assert asked(running)[1]["commander"]["registered"] == ["某区长（虚构）"]
