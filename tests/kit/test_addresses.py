"""Events go to public addresses, and to no machine of ours or beside ours, whatever its address is called."""

import pytest

from kit.events import addresses
from kit.events.addresses import is_allowed
from tests.kit.conftest import free_port
from tests.kit.notebook.app import service
from tests.kit.receivers import admin, receiver, state, subscribe, tell

__all__ = ["admin", "receiver"]

SPELLINGS = [
    "localhost",
    "LOCALHOST.",
    "app.localhost",
    "127.0.0.1",
    "127.1",
    "0",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "10.0.0.8",
    "172.16.3.4",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[fc00::1]",
    "[fec0::1]",
    "[ff02::1]",
]


@pytest.fixture
def notebook(serve):
    """One that allows no network besides public addresses, as a set does unless it is told otherwise."""
    return serve(service, subscriber_networks=())


@pytest.mark.parametrize("host", SPELLINGS)
def test_an_address_of_this_machine_or_of_its_networks_is_refused_however_it_is_spelled(admin, host):
    refused = subscribe(admin, f"http://{host}:5432/hooks")
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (422, "unreachable-address")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/url"]
    assert "本机或内部网络" in refused.json()["detail"]


def test_an_address_with_a_password_is_refused(admin):
    refused = subscribe(admin, "https://user:secret@platform.example/hooks")
    assert refused.json()["type"].endswith(":unreachable-address")
    assert "secret" not in refused.text


@pytest.mark.parametrize(
    "url", ["https://platform.example/hooks", "http://93.184.215.14/", "http://[2606:4700::1]/"]
)
def test_what_is_public_is_taken(admin, url):
    assert subscribe(admin, url).status_code == 201


@pytest.mark.parametrize(
    "resolved",
    [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::ffff:127.0.0.1"], ["fe80::1%lo"], ["100.64.0.1"], []],
)
def test_a_name_that_leads_inside_is_not_connected_to(notebook, admin, receiver, monkeypatch, resolved):
    leads_to(monkeypatch, resolved)
    port = receiver.server.server_port
    subscribe(admin, f"http://receiver.example:{port}/hooks")
    tell(notebook, "a")
    notebook.work()
    assert receiver.requests == []
    assert state(admin)["failures"] == 1


def test_at_each_delivery_a_name_is_resolved_once_and_what_was_checked_is_connected_to(
    serve, receiver, monkeypatch
):
    notebook = serve(service, subscriber_networks=("127.0.0.1/32",))
    admin = notebook.client("notebook:subscribe")
    asked = leads_to(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
    subscribe(admin, f"http://receiver.example:{receiver.server.server_port}/hooks")
    tell(notebook, "a", "b")
    notebook.work()
    assert receiver.texts == ["a"], "the second time it leads elsewhere"
    assert asked == ["receiver.example"] * 2
    assert {name.lower(): value for name, value in receiver.requests[0][0].items()}["host"].startswith(
        "receiver.example:"
    )


def test_a_subscriber_learns_nothing_of_ports_that_are_not_its_own(serve, receiver, monkeypatch):
    said = []
    for networks, port in (
        ((), receiver.server.server_port),
        (("127.0.0.1/32",), free_port()),
        (("127.0.0.1/32",), postgres_port()),
    ):
        notebook = serve(service, subscriber_networks=networks)
        admin = notebook.client("notebook:subscribe")
        leads_to(monkeypatch, ["127.0.0.1"])
        subscribe(admin, f"http://receiver.example:{port}/hooks")
        tell(notebook, "a")
        notebook.work()
        said.append(state(admin)["last_error"])
    assert len(set(said)) == 1, "refused, closed, or open and no HTTP: all the same"


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("10.2.2.3", False),
        ("::ffff:10.1.2.3", True),
        ("93.184.215.14", True),
        ("::1", False),
    ],
)
def test_networks_of_the_deployment_are_allowed_besides_public_addresses(address, allowed):
    from ipaddress import ip_network

    assert is_allowed(address, (ip_network("10.1.0.0/16"),)) is allowed


def leads_to(monkeypatch, *answers):
    """Let names resolve to these addresses, one answer after another, the last for ever; returns what was asked."""
    asked = []

    async def resolve(host, _port):
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    monkeypatch.setattr(addresses, "_resolve", resolve)
    return asked


def postgres_port():
    """The port of the tests' own PostgreSQL, which is open and speaks no HTTP."""
    import os
    from urllib.parse import urlsplit

    return urlsplit(os.environ["TEST_POSTGRES_URL"]).port
