"""Requests through the gateway with real processes: told as something else, handed in twice at once, and while a service dies."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import httpx2
import psycopg
import pytest

from tests.scenarios.door import eventually

_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'dispatch_requests'::regclass"
_TAKEN = "SELECT number FROM dispatch_requests WHERE external_number = %(external_number)s"
REQUESTS = "/dispatch/v1/requests"


@pytest.fixture
def hotline(district):
    with district.client("hotline") as http:
        yield http


def call(**fields):
    return {"matter": "property-service", "summary": "楼道灯不亮", "division": "天骄街道"} | fields


def once(name):
    """An external number that no other test and no former run has."""
    return {"external_number": f"{name}-{time.time_ns()}"}


def found(hotline, sent):
    listed = hotline.get(REQUESTS, params={"external_number": sent["external_number"]}).json()
    return [request["number"] for request in listed["items"]]


@pytest.mark.clause("E-4.1a")
def test_an_accident_told_as_a_complaint_about_noise_is_urgent_and_told_as_alarming(district, hotline):
    said = call(summary="楼下施工噪音太大", description="刚才一声爆炸，有人被困在里面")
    taken = hotline.post(REQUESTS, json=said).json()
    assert (taken["service"], taken["urgency"]) == ("property", "emergency")
    assert {"爆炸", "被困"} <= set(taken["alarm"])
    events, since = [], None
    while True:
        query = {"limit": 1000} | ({"since": since} if since else {})
        page = hotline.get("/property/v1/changes", params=query).json()
        events += page["items"]
        since = page["next"]
        if not page["more"]:
            break
    [alarming] = [
        event
        for event in events
        if event["subject"] == taken["number"] and event["type"] == "dispatch.request.alarming"
    ]
    assert alarming["data"]["words"] == taken["alarm"]
    with district.client("operator") as officer:
        alarm = eventually(lambda: _alarm(officer, taken["number"]), 30)
        assert alarm, "emergency has heard nothing"
        assert (alarm["service"], alarm["words"], alarm["state"]) == ("property", taken["alarm"], "open")
        made = officer.post(
            f"/emergency/v1/alarms/{alarm['id']}/make-incident",
            json={"reason": "电话核实，确有人员被困", "facts": {"endangered": 2}},
        )
        assert made.status_code == 200, made.text
        incident = officer.get(f"/emergency/v1/incidents/{made.json()['incident']}").json()
    # Its clocks run from the call, not from when somebody looked at it.
    assert incident["first_known_at"] == taken["received_at"]


def _alarm(officer, number):
    listed = officer.get("/emergency/v1/alarms", params={"state": "open", "limit": 200}).json()
    return next((each for each in listed["items"] if each["number"] == number), None)


@pytest.mark.clause("P-2.2.2b")
def test_what_two_systems_hand_in_at_the_same_moment_is_one_request(district, hotline):
    sent, both = call(**once("both")), Barrier(4)

    def hand_in(client):
        with district.client(client) as http:  # a connection of its own
            both.wait()
            return http.post(REQUESTS, json=sent)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(hand_in, ["hotline", "open311"] * 2))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert {answer.headers.get("already-received") for answer in answers} == {None, "true"}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert found(hotline, sent) == [answers[0].json()["number"]]


@pytest.mark.processes
def test_a_service_that_is_down_during_a_transfer_loses_nothing_and_takes_it_once(district, hotline):
    sent = call(**once("moved"))
    path = f"{REQUESTS}/{hotline.post(REQUESTS, json=sent).json()['number']}"
    move = {"matter": "law-consultation", "note": "属于法律咨询"}
    os.kill(district.pid("lawstudy"), signal.SIGKILL)
    refused = hotline.post(f"{path}/transfer", json=move)
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:dongsheng:problem:cannot-hand-on")
    stayed = hotline.get(path).json()
    assert (stayed["state"], stayed["transferred_to"]) == ("received", None)

    def moved():
        answer = hotline.post(f"{path}/transfer", json=move)
        return answer.json() if answer.status_code == 200 else None

    there = eventually(moved, 30)["transferred_to"]
    assert hotline.get(f"{REQUESTS}/{there}").json()["transferred_from"] == path.rpartition("/")[2]
    assert set(found(hotline, sent)) == {there, path.rpartition("/")[2]}


@pytest.mark.clause("P-2.2.2b")
@pytest.mark.processes
def test_a_service_that_dies_before_it_hears_that_its_request_was_taken_hears_of_it_by_itself(
    district, hotline
):
    sent = call(**once("unheard"))
    number = hotline.post(REQUESTS, json=sent).json()["number"]
    path = f"{REQUESTS}/{number}"
    move = {"matter": "law-consultation", "note": "属于法律咨询"}
    url = district.database("lawstudy")
    with ThreadPoolExecutor() as threads, psycopg.connect(url) as holding:
        holding.execute("LOCK TABLE dispatch_requests IN SHARE MODE")
        first = threads.submit(hotline.post, f"{path}/transfer", json=move)
        assert eventually(lambda: holding.execute(_WAITING).fetchone() == (1,), 10)
        os.kill(district.pid("property"), signal.SIGKILL)
        assert first.result(20).status_code in (502, 503)
        holding.commit()
        there = eventually(lambda: holding.execute(_TAKEN, sent).fetchone(), 10)[0]

    def moved():
        answer = hotline.get(path)
        return answer.status_code == 200 and answer.json()["state"] == "transferred" and answer.json()

    assert eventually(moved, 90)["transferred_to"] == there
    assert hotline.get(f"{REQUESTS}/{there}").json()["state"] == "received"
    assert set(found(hotline, sent)) == {there, number}


@pytest.mark.processes
def test_a_service_that_is_killed_before_it_answers_a_hand_in_gives_its_repetition_one_number(
    district, hotline
):
    sent = {"matter": "law-consultation", "summary": "物业能不能停水"} | once("killed")
    with ThreadPoolExecutor() as threads:
        os.kill(district.pid("lawstudy"), signal.SIGSTOP)
        first = threads.submit(hotline.post, REQUESTS, json=sent)
        time.sleep(0.3)
        assert not first.done()
        os.kill(district.pid("lawstudy"), signal.SIGKILL)
        assert first.result(20).status_code == 503

    def taken():
        answer = hotline.post(REQUESTS, json=sent)
        return answer.json()["number"] if answer.status_code in (200, 201) else None

    number = eventually(taken, 30)
    assert taken() == number
    assert found(hotline, sent) == [number]


@pytest.mark.processes
def test_what_was_taken_while_the_gateway_died_is_the_same_request_when_it_is_handed_in_again(
    district, hotline
):
    sent = call(**once("unanswered"))
    url = district.database("property")
    with ThreadPoolExecutor() as threads, psycopg.connect(url) as holding:
        holding.execute("LOCK TABLE dispatch_requests IN SHARE MODE")
        first = threads.submit(hotline.post, REQUESTS, json=sent)
        assert eventually(lambda: holding.execute(_WAITING).fetchone() == (1,), 10)
        os.kill(district.pid("gateway"), signal.SIGKILL)
        with pytest.raises(httpx2.TransportError):
            first.result(20)
        holding.commit()
        assert eventually(lambda: holding.execute(_TAKEN, sent).fetchone() is not None, 10)

    def again():
        with suppress(httpx2.TransportError):
            answer = hotline.post(REQUESTS, json=sent)
            return answer if answer.status_code < 500 else None

    answer = eventually(again, 30)
    assert (answer.status_code, answer.headers["already-received"]) == (200, "true")
    assert found(hotline, sent) == [answer.json()["number"]]


def test_a_company_objects_to_its_score_by_calling_the_hotline(district, hotline):
    said = {
        "matter": "credit-objection",
        "summary": "不认可信用评价扣分",
        "description": "公共区域保洁扣分与事实不符",
    }
    taken = hotline.post(REQUESTS, json=said).json()
    assert (taken["service"], taken["unit"]) == ("credit", "housing-centre")
    path = f"{REQUESTS}/{taken['number']}"
    with district.client("housing-centre") as centre:
        assert centre.post(f"{path}/accept", json={}).json()["state"] == "accepted"
        answered = centre.post(f"{path}/answer", json={"note": "经复核，扣分依据不足，已更正。"}).json()
    assert answered["next_actor"]["action"] == "audit"
    assert hotline.post(f"{path}/audit", json={}).json()["next_actor"]["action"] == "call-back"
    said = {"reached": True, "solved": True, "satisfied": True}
    assert hotline.post(f"{path}/call-back", json=said).json()["next_actor"]["action"] == "close"
