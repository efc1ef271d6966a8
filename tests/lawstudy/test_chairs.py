"""Who may chair, as the office service tells it (L-4a, D-2)."""

import pytest

from services.lawstudy.app import service
from services.lawstudy.plan.roles import OFFICE
from tests.leadership import PEER, office_of, post


@pytest.fixture
def running(serve):
    return serve(service, office=PEER)


@pytest.fixture
def told(running):
    """What the office service answers."""
    return office_of(running)


@pytest.fixture
def desk(running):
    return running.client("lawstudy:read", "lawstudy:write", OFFICE, name="desk")


def chairs(desk):
    id = desk.get("/sessions", params={"limit": 1}).json()["items"][0]["id"]
    found = desk.get(f"/sessions/{id}").json()["may_chair"]
    return id, found, {each["post"]: each for each in found["chairs"]}


@pytest.mark.clause("L-4a", "D-2")
def test_the_head_and_the_executive_deputy_are_named_as_the_office_knows_them(desk, told):
    told["posts"] = [post("head", "区长", "韩涛"), post("executive_deputy", "常务副区长", None)]
    _, found, by_post = chairs(desk)
    assert (found["office_answered"], found["note"]) == (True, None)
    assert (by_post["head"]["name"], by_post["head"]["away"], by_post["head"]["delegated"]) == (
        "韩涛",
        False,
        None,
    )
    assert (by_post["executive_deputy"]["name"], by_post["executive_deputy"]["away"]) == ("未登记", None)
    told["posts"] = [post("head", "区长", "韩涛", away=True), post("executive_deputy", "常务副区长", "高明")]
    _, _, by_post = chairs(desk)
    assert (by_post["head"]["name"], by_post["head"]["away"]) == ("韩涛", True)
    assert (by_post["executive_deputy"]["name"], by_post["executive_deputy"]["away"]) == ("高明", False)


@pytest.mark.clause("L-4a")
def test_the_executive_deputy_may_chair_once_the_delegation_is_recorded(desk, told):
    told["posts"] = [post("head", "区长", "韩涛"), post("executive_deputy", "常务副区长", "高明")]
    id, _, by_post = chairs(desk)
    assert by_post["executive_deputy"]["delegated"] is False
    assert "登记后才能主持" in by_post["executive_deputy"]["sentence"]
    body = {"delegated_on": "2024-06-20", "how": "区长书面委托"}
    assert desk.post(f"/sessions/{id}/delegate", json=body).status_code == 200
    _, _, by_post = chairs(desk)
    assert by_post["executive_deputy"]["delegated"] is True
    assert "登记后才能主持" not in by_post["executive_deputy"]["sentence"]


@pytest.mark.clause("L-4a", "D-2")
def test_without_an_answer_the_posts_stand_alone_and_it_is_said(desk, told):
    _, found, by_post = chairs(desk)
    assert found["office_answered"] is False
    assert "政府办公室服务暂时没有答复" in found["note"]
    assert [(each["post_zh"], each["name"], each["away"]) for each in by_post.values()] == [
        ("区长", None, None),
        ("常务副区长", None, None),
    ]
    told["posts"] = [post("head", "区长", "韩涛")]  # it answers, and knows nothing of the other post
    _, found, by_post = chairs(desk)
    assert found["office_answered"] is True
    assert by_post["executive_deputy"]["name"] is None
    assert "没有答复谁担任常务副区长" in by_post["executive_deputy"]["sentence"]


@pytest.mark.clause("D-2")
def test_it_is_asked_for_when_the_session_begins_where_that_is_settled(desk, told, running):
    told["posts"] = []
    _, found, _ = chairs(desk)
    assert found["at"] == running.clock.now.isoformat()
