"""Whoever is answered with a problem finds out by its type what it means and what to do."""

import json
import re

import pytest

from tests.gateway.upstreams import always, json_reply

OURS = {"type": "urn:dongsheng:problem:full-house", "status": 409, "title": "当前状态不允许"}


def service(title, *listed):
    document = {"info": {"title": title, "version": "1"}, "paths": {}, "x-problem-types": list(listed)}
    return always(json_reply(document))


@pytest.fixture
def door(gateway, upstream):
    return gateway(
        property=upstream(service("物业", OURS | {"when": "满了 <b>", "do": "等一等"})),
        credit=upstream(service("信用", OURS | {"when": "额满", "do": "下月再来"})),
        office=upstream(service("政务", OURS | {"when": "额满", "do": "下月再来"})),
    )


def test_every_problem_links_to_a_page_that_explains_it(door):
    for answer in (
        door.http.get("/property/v1/x"),  # 401 at the door
        door.http.get("/nowhere"),
        door.get("/dispatch/v1/requests", params={"stret": "x"}),
        door.http.get("/problems/no-such-thing"),
    ):
        told = answer.json()
        [link] = re.fullmatch('<(/problems/[a-z0-9-]+)>; rel="type"', answer.headers["link"]).groups()
        page = door.http.get(link)
        assert page.status_code == 200, link
        assert page.headers["content-type"].startswith("text/html")
        assert told["type"] in page.text
        assert told["title"] in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_type_itself_leads_there_as_well(door):
    answer = door.http.get("/problems/urn:dongsheng:problem:no-token", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, "/problems/no-token")


def test_programs_get_the_same_as_json_with_every_meaning(door):
    json_please = {"Accept": "application/json"}
    told = door.http.get("/problems/full-house", headers=json_please).json()
    assert told["type"] == OURS["type"]
    assert [(each["when"], each["services"]) for each in told["meanings"]] == [
        ("满了 <b>", ["物业"]),
        ("额满", ["信用", "政务"]),
    ]
    listed = door.http.get("/problems", headers=json_please).json()
    assert told in listed["problems"]
    assert listed["missing"] == []


def test_nothing_that_is_told_becomes_markup(door):
    for page in ("/problems", "/problems/full-house"):
        assert "满了 &lt;b&gt;" in door.http.get(page).text


def test_while_a_service_is_away_nobody_says_that_its_types_do_not_exist(gateway, upstream, dead_address):
    door = gateway(property=upstream(service("物业")), credit=dead_address)
    assert door.http.get("/problems/full-house").status_code == 503
    assert "credit" in door.http.get("/problems").text
    assert door.http.get("/problems/no-token").status_code == 200


def test_what_no_service_lists_is_not_found(door):
    answer = door.http.get("/problems/full-moon")
    assert (answer.status_code, json.loads(answer.content)["type"]) == (
        404,
        "urn:dongsheng:problem:no-such-problem",
    )


@pytest.mark.parametrize(
    ("asked", "status", "there"), [("/", 307, "/docs"), ("/problems/", 308, "/problems")]
)
def test_who_comes_to_the_door_or_adds_a_slash_is_shown_the_page(gateway, upstream, asked, status, there):
    answer = gateway(property=upstream(always(json_reply({})))).http.get(asked)

    assert (answer.status_code, answer.headers["location"]) == (status, there)
