"""Whoever hands requests in may be told of its own alone; and a secret changes without an event that it does not sign."""

import json
from datetime import datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from kit.district.clock import system_clock
from kit.testing import SECRET
from tests.kit.receivers import admin, receiver, state, subscribe, tell_of

__all__ = ["admin", "receiver"]

STANDING = {"If-Match": "*"}


@pytest.fixture
def hotline(notebook):
    """A client that hands requests in, and may read nothing else."""
    return notebook.client("dispatch:write", name="hotline")


# One's own


def test_a_subscription_to_one_s_own_gets_what_concerns_what_its_client_handed_in(
    notebook, hotline, receiver
):
    assert subscribe(hotline, receiver.url, mine=True).json()["mine"] is True
    tell_of(notebook, "a1", concerns="hotline")
    tell_of(notebook, "b1", concerns="another")
    tell_of(notebook, "c1")
    notebook.work()
    assert receiver.texts == ["a1"]
    assert "hotline" not in str(receiver.got), "who handed it in is told to nobody"


def test_who_may_have_its_own_only_is_refused_everybody_s(notebook, hotline, receiver):
    refused = subscribe(hotline, receiver.url)
    assert (refused.status_code, refused.json()["missing"]) == (403, ["notebook:subscribe"])
    subscribe(hotline, receiver.url, mine=True)
    path = f"/subscriptions/{state(hotline)['id']}"
    assert hotline.patch(path, json={"mine": False}, headers=STANDING).status_code == 403
    assert hotline.patch(path, json={"types": ["notebook.*"]}, headers=STANDING).json()["mine"] is True


@pytest.mark.parametrize("limit", [{"division": "天骄街道"}, {"company": "91110000600037341L"}])
def test_who_is_limited_to_a_street_or_company_hears_of_its_own_and_of_nothing_else(
    notebook, receiver, limit
):
    street = notebook.client("dispatch:write", "notebook:subscribe", name="street", **limit)
    assert subscribe(street, receiver.url).json()["type"].endswith("own-events-only")
    assert subscribe(street, receiver.url, mine=True).status_code == 201
    path = f"/subscriptions/{state(street)['id']}"
    refused = street.patch(path, json={"mine": False}, headers=STANDING)
    assert refused.json()["type"].endswith("own-events-only")
    tell_of(notebook, "a1", concerns="street")
    tell_of(notebook, "b1", concerns="another")
    notebook.work()
    assert receiver.texts == ["a1"]
    assert street.delete(path).status_code == 204


def test_a_subscription_may_be_narrowed_to_one_s_own_and_widened_again(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    path = f"/subscriptions/{state(admin)['id']}"
    admin.patch(path, json={"mine": True}, headers=STANDING)
    tell_of(notebook, "a1")
    tell_of(notebook, "b1", concerns="tester")
    notebook.work()
    admin.patch(path, json={"mine": False}, headers=STANDING)
    tell_of(notebook, "c1")
    notebook.work()
    assert receiver.texts == ["b1", "c1"]


# A secret that changes


def is_signed_by(secret, request):
    headers, body = request
    try:
        return Webhook(secret).verify(body, headers) == json.loads(body)
    except WebhookVerificationError:
        return False


@pytest.fixture
def rotated(notebook, admin, receiver):
    """The new secret of a subscription, and until when the old one signs."""
    notebook.clock.now = system_clock()  # what signs is verified by the real clock
    subscribe(admin, receiver.url)
    answer = admin.post(f"/subscriptions/{state(admin)['id']}/rotate-secret")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_while_a_secret_changes_both_sign_and_then_the_new_one_alone(notebook, receiver, rotated):
    tell_of(notebook, "a1")
    notebook.work()
    headers = {name.lower(): value for name, value in receiver.requests[0][0].items()}
    assert [each.split(",")[0] for each in headers["webhook-signature"].split(" ")] == ["v1", "v1"]
    assert is_signed_by(SECRET, receiver.requests[0])
    assert is_signed_by(rotated["secret"], receiver.requests[0])
    notebook.sql("UPDATE subscriptions SET old_secret_until = %s RETURNING id", notebook.clock())
    tell_of(notebook, "b1")
    notebook.work()
    assert not is_signed_by(SECRET, receiver.requests[1])
    assert is_signed_by(rotated["secret"], receiver.requests[1])


def test_the_old_secret_signs_for_a_day_during_which_it_is_not_changed_again(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    path = f"/subscriptions/{state(admin)['id']}/rotate-secret"
    until = datetime.fromisoformat(admin.post(path).json()["old_secret_until"])
    assert (until - notebook.clock()).total_seconds() == 24 * 3600
    again = admin.post(path)
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "secret-being-rotated")
    notebook.clock.advance(days=1)
    assert notebook.client("notebook:subscribe").post(path).status_code == 200


def test_a_secret_that_is_changed_by_hand_ends_the_old_ones_at_once(notebook, admin, receiver, rotated):
    path, own = f"/subscriptions/{state(admin)['id']}", "whsec_" + "bmV3" * 11
    changed = admin.patch(path, json={"secret": own}, headers=STANDING)
    assert changed.json()["old_secret_until"] is None
    tell_of(notebook, "a1")
    notebook.work()
    assert is_signed_by(own, receiver.requests[0])
    assert not is_signed_by(SECRET, receiver.requests[0])
    assert not is_signed_by(rotated["secret"], receiver.requests[0])


def test_a_new_secret_is_shown_once_and_kept_sealed_alone(notebook, admin, receiver):
    subscribe(admin, receiver.url)
    path = f"/subscriptions/{state(admin)['id']}"
    answer = admin.post(f"{path}/rotate-secret", headers={"Idempotency-Key": "one"})
    secret = answer.json()["secret"]
    assert answer.headers["cache-control"] == "no-store"
    assert admin.post(f"{path}/rotate-secret", headers={"Idempotency-Key": "one"}).status_code == 409
    assert secret not in admin.get(path).text
    bare = secret.removeprefix("whsec_")
    for table in ("subscriptions", "audit", "idempotency_keys"):
        assert bare not in str(notebook.sql(f"SELECT t::text FROM {table} AS t"))
    [(sealed, old)] = notebook.sql("SELECT secret, old_secret FROM subscriptions")
    assert [notebook.database.cipher.open(each) for each in (sealed, old)] == [secret, SECRET]
    assert (
        notebook.client("notebook:subscribe", name="other").post(f"{path}/rotate-secret").status_code == 404
    )
