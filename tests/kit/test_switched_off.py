"""Who takes nothing for long is switched off, and that is said; switched on again, it goes on where it stood."""

from kit.testing import SECRET
from tests.kit.receivers import Receiver, admin, pass_days, receiver, state, subscribe, tell_of

__all__ = ["admin", "receiver"]


def switched_off(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    receiver.answer = lambda _event: 503
    tell_of(notebook, "a1", "b1", "a2", "c1")
    notebook.work()
    pass_days(notebook)


def test_who_takes_nothing_for_three_days_is_switched_off_and_that_is_said(notebook, admin, receiver):
    switched_off(notebook, admin, receiver)
    found = state(admin)
    assert (found["state"], found["last_error"], found["dead"]) == ("off", "HTTP 503", 0)
    assert "2024-06-27T09:30" <= found["stopped_at"] < "2024-06-27T11"
    assert found["next_attempt_at"] is None
    assert notebook.http.get("/health/ready").json() == {"status": "ok", "switched_off": 1}
    figures = notebook.http.get("/metrics").text
    assert f'subscription_switched_off{{client="tester",subscription="{found["id"]}"}} 1.0' in figures
    [told] = notebook.client().told("webhook.")
    assert (told["type"], told["subject"]) == ("webhook.switched-off", found["id"])
    assert told["data"] == {
        "subscription": found["id"],
        "state": "off",
        "reason": "HTTP 503",
        "since": "2024-06-24T09:30:00+08:00",
    }
    tries = len(receiver.requests)
    pass_days(notebook, 1)
    assert len(receiver.requests) == tries


def test_it_goes_on_where_it_stood_when_it_is_switched_on_again(notebook, admin, receiver):
    switched_off(notebook, admin, receiver)
    receiver.answer = lambda _event: 204
    resumed = admin.post(f"/subscriptions/{state(admin)['id']}/resume").json()
    assert (resumed["state"], resumed["stopped_at"]) == ("active", None)
    notebook.work()
    assert sorted(receiver.texts) == ["a1", "a2", "b1", "c1"]
    assert receiver.texts.index("a1") < receiver.texts.index("a2")
    assert notebook.http.get("/health/ready").json() == {"status": "ok"}


def test_an_operator_switches_it_on_but_not_what_is_not_off(notebook, admin, receiver):
    switched_off(notebook, admin, receiver)
    operator = notebook.client("notebook:audit", "notebook:subscribe", name="operator")
    path = f"/deliveries/{state(admin)['id']}/switch-on"
    assert admin.post(path).status_code == 403
    assert operator.post(path).json()["state"] == "active"
    again = operator.post(path)
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "subscription-not-off")
    admin.post(f"/subscriptions/{state(admin)['id']}/pause")
    assert operator.post(path).status_code == 409, "who paused it resumes it"
    assert operator.post(f"/deliveries/{'0' * 32}/switch-on").status_code == 404


def test_what_was_given_up_while_nothing_was_taken_is_held_again_when_all_is_switched_off(
    notebook, admin, receiver
):
    subscribe(admin, receiver.url)
    dead = []
    receiver.answer = lambda _event: dead.append(state(admin)["dead"]) or 503
    tell_of(notebook, "a1", "a2")
    notebook.work()
    pass_days(notebook)
    assert dead[-1] == 1, "a1 alone might have been to blame, until a2 had its turn"
    assert (state(admin)["state"], state(admin)["dead"], state(admin)["held"]) == ("off", 0, 2)
    receiver.answer = lambda _event: 204
    admin.post(f"/subscriptions/{state(admin)['id']}/resume")
    notebook.work()
    assert receiver.texts == ["a1", "a2"]


def test_what_was_given_up_long_ago_is_not_held_against_a_quiet_receiver(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    receiver.answer = lambda event: 503 if event["data"]["text"] == "a1" else 204
    tell_of(notebook, "a1")
    notebook.work()
    pass_days(notebook)
    assert (state(admin)["state"], state(admin)["dead"]) == ("active", 1), "it alone may be to blame"
    notebook.clock.advance(days=20)
    receiver.answer = lambda _event: 503
    tell_of(notebook, "b1")
    notebook.work()
    assert (state(admin)["state"], state(admin)["held"]) == ("active", 1)
    receiver.answer = lambda _event: 204
    notebook.clock.advance(minutes=1)
    notebook.work()
    assert receiver.texts == ["b1"]


def test_another_receiver_of_the_same_client_hears_that_one_is_switched_off(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    watching = Receiver()
    subscribe(admin, watching.url, name="watching", types=["webhook.switched-off"], mine=True)
    others = Receiver()
    other = notebook.client("notebook:subscribe", name="other")
    subscribe(other, others.url, types=["webhook.*"], mine=True)
    receiver.answer = lambda _event: 410
    tell_of(notebook, "a1")
    notebook.work()
    notebook.work()
    assert [(event["data"]["state"], event["data"]["reason"]) for event in watching.got] == [
        ("gone", "HTTP 410")
    ]
    assert others.got == []
    assert SECRET not in str(watching.got)
    watching.close(), others.close()
