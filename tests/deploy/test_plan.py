"""What `make run` would start: ports, environments, keys and clients."""

import json
import socket
import stat
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from stdnum.cn import uscc

from deploy import prepare
from deploy.local import refuse_taken
from deploy.lock import only_one, running
from deploy.plan import (
    HEARD,
    HOMES,
    OF_CREDIT,
    OF_EMERGENCY,
    OF_PROPERTY,
    SERVICES,
    Address,
    LocalSettings,
    Plan,
    addresses,
    assertion_key,
    client_secrets,
    make_plan,
    without_database,
)
from deploy.postgres import Refused
from gateway.clients import BrokenClients, matches, read
from kit.dispatch.moves import ANY_UNIT, HANDLE, READ
from kit.district import units
from kit.events.event import kinds_of
from kit.events.subscriptions import wanted
from kit.web.assertions import public_jwk, read_key
from services.credit.plan.roles import COURT
from services.credit.signing import read_keys
from services.emergency.plan import roles
from services.property.plan.roles import COMMUNITY
from tests.contract.documents import NAMES, scopes_of

DATABASES = {name: f"postgresql+psycopg://{name}@127.0.0.1:1/{name}" for name in HOMES}
TEMPLATE = yaml.safe_load(prepare.TEMPLATE.read_text(encoding="utf-8"))["clients"]


def plan(folder: Path, **given: str) -> Plan:
    own = {name: url for name, url in DATABASES.items() if name in without_database(given)}
    return make_plan(folder, own, given)


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_the_gateway_stands_in_front_of_every_service(tmp_path: Path) -> None:
    made = plan(tmp_path, PROPERTY_PORT="9101", GATEWAY_PORT="9000")
    assert [part.name for part in made.services] == list(SERVICES)
    assert made.base == made.gateway.address.url == "http://127.0.0.1:9000"
    upstreams = json.loads(made.environment["GATEWAY_UPSTREAMS"])
    assert upstreams == {part.name: part.address.url for part in made.services}
    assert upstreams["property"] == "http://127.0.0.1:9101"


def test_a_part_gets_its_own_settings_and_what_belongs_to_none_but_no_other_parts_secrets(
    tmp_path: Path,
) -> None:
    made = plan(tmp_path, PATH="/bin", CREDIT_LOG_LEVEL="DEBUG")
    credit = next(part for part in made.services if part.name == "credit").environment
    assert credit["PATH"] == "/bin"
    assert credit["CREDIT_LOG_LEVEL"] == "DEBUG"
    assert credit["CREDIT_DATABASE_URL"] == DATABASES["credit"]
    others = ("PROPERTY_", "EMERGENCY_", "LAWSTUDY_", "OFFICE_", "GATEWAY_")
    assert not [variable for variable in credit if variable.startswith(others)]


def test_the_worker_gets_the_settings_of_all_services_and_none_of_the_gateways(tmp_path: Path) -> None:
    worker = plan(tmp_path, PATH="/bin").worker
    assert worker.environment["PATH"] == "/bin"
    assert {f"{name}_DATABASE_URL".upper() for name in SERVICES} <= worker.environment.keys()
    assert not [variable for variable in worker.environment if variable.startswith("GATEWAY_")]


def test_a_setting_that_is_given_goes_before_what_we_choose(tmp_path: Path) -> None:
    made = plan(tmp_path, OFFICE_DATABASE_URL="postgresql+psycopg://elsewhere/office", OFFICE_PERSONAL_KEY="")
    office = made.services[-1].environment
    assert office["OFFICE_DATABASE_URL"] == "postgresql+psycopg://elsewhere/office"
    assert office["OFFICE_PERSONAL_KEY"] == (tmp_path / "secrets" / "office.personal-key").read_text()


def test_other_issuers_that_the_folder_names_are_told_to_every_part_that_checks_tokens(
    tmp_path: Path,
) -> None:
    assert not [name for name in plan(tmp_path).environment if name.endswith("OUTSIDE_ISSUERS")]
    (tmp_path / "issuers.yaml").touch()
    told = plan(tmp_path)
    for part in (told.gateway, *told.services):
        assert part.environment[f"{part.name.upper()}_OUTSIDE_ISSUERS"] == str(tmp_path / "issuers.yaml")


def test_no_postgresql_is_needed_when_every_service_and_the_console_bring_their_databases() -> None:
    given = {f"{name.upper()}_DATABASE_URL": "postgresql+psycopg://elsewhere/x" for name in HOMES}
    assert without_database(given) == []
    del given["CREDIT_DATABASE_URL"]
    assert without_database(given) == ["credit"]


@pytest.mark.parametrize("receiver", HEARD)
def test_a_service_hears_of_each_sender_under_a_secret_that_both_know(tmp_path: Path, receiver: str) -> None:
    environment = plan(tmp_path, **{f"{receiver}_PORT".upper(): "9102"}).environment
    secrets = json.loads(environment[f"{receiver}_EVENT_SECRETS".upper()])
    assert len(set(secrets.values())) == len(secrets) == len(HEARD[receiver])
    for sender, secret in secrets.items():
        told = json.loads(environment[f"{sender}_SUBSCRIBERS".upper()])
        (subscriber,) = [each for each in told if each["name"] == receiver]
        assert subscriber["url"] == f"http://127.0.0.1:9102/{receiver}/v1/events"
        assert (subscriber["secret"], subscriber["types"]) == (secret, HEARD[receiver][sender])


def test_those_whose_facts_credit_scores_stand_before_it() -> None:
    assert all(list(SERVICES).index(sender) < list(SERVICES).index("credit") for sender in OF_CREDIT)


def test_the_headquarters_hears_of_accidents_in_the_words_of_every_other_services_requests() -> None:
    assert OF_EMERGENCY.keys() == SERVICES.keys() - {"emergency"}


def test_property_hears_of_patterns_among_the_requests_of_every_other_service() -> None:
    assert OF_PROPERTY.keys() == SERVICES.keys() - {"property"}


@pytest.mark.parametrize(("receiver", "sender"), [(one, each) for one in HEARD for each in HEARD[one]])
def test_a_service_asks_for_what_it_takes_in_and_for_nothing_that_nobody_tells(
    receiver: str, sender: str
) -> None:
    handlers = import_module(f"services.{receiver}.app").service.handlers
    asked = HEARD[receiver][sender]
    taken = [type for type in handlers if type.startswith((f"{sender}.", "dispatch."))]
    assert [type for type in taken if not wanted(type, asked)] == []
    import_module(f"services.{sender}.app")
    told = [kind.type for kind in kinds_of(sender)]
    assert [each for each in asked if not any(wanted(type, [each]) for type in told)] == []


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first, second = plan(tmp_path), plan(tmp_path)
    assert first == second
    assert (
        plan(tmp_path / "another").environment["PROPERTY_PERSONAL_KEY"]
        != first.environment["PROPERTY_PERSONAL_KEY"]
    )
    made = [tmp_path / "secrets", *(tmp_path / "secrets").rglob("*")]
    assert {(each.is_dir(), mode(each)) for each in made} == {(True, 0o700), (False, 0o600)}


@pytest.mark.parametrize("receiver", HEARD)
def test_a_service_reads_the_feeds_of_whom_it_is_told_by_as_a_client_that_the_gateway_knows(
    tmp_path: Path, receiver: str
) -> None:
    feeds = json.loads(plan(tmp_path, GATEWAY_PORT="9000").environment[f"{receiver}_EVENT_FEEDS".upper()])
    prepare.make_clients(tmp_path)
    known = read(tmp_path / "clients.yaml")[f"{receiver}-service"]
    assert feeds.keys() == HEARD[receiver].keys()
    for source, feed in feeds.items():
        assert feed["token_url"] == "http://127.0.0.1:9000/auth/v1/token"
        assert matches(feed["secret"], known.secret)
        assert f"{source}:read" in known.scopes


#: What every service may besides: give a request that is another's to whose it is.
HANDING_ON = ("dispatch:write", "dispatch:hand-on")


@pytest.mark.clause("P-2.2.2b")
def test_every_service_hands_on_requests_as_a_client_that_the_gateway_knows(tmp_path: Path) -> None:
    environment = plan(tmp_path, GATEWAY_PORT="9000").environment
    prepare.make_clients(tmp_path)
    known = read(tmp_path / "clients.yaml")
    for name in SERVICES:
        peer = json.loads(environment[f"{name}_gateway".upper()])
        assert peer["url"] == "http://127.0.0.1:9000"
        assert matches(peer["secret"], known[peer["client"]].secret)
        assert known[peer["client"]].scopes >= {*HANDING_ON}


def test_emergency_and_law_study_ask_the_office_as_clients_that_the_gateway_knows(tmp_path: Path) -> None:
    environment = plan(tmp_path, GATEWAY_PORT="9000", OFFICE_PORT="9105").environment
    prepare.make_clients(tmp_path)
    feeds = {f"{name}:read" for name in OF_EMERGENCY}
    for name, others in (("emergency", feeds), ("lawstudy", set())):
        peer = json.loads(environment[f"{name}_office".upper()])
        known = read(tmp_path / "clients.yaml")[peer["client"]]
        assert (peer["url"], peer["token_url"]) == (
            "http://127.0.0.1:9105",
            "http://127.0.0.1:9000/auth/v1/token",
        )
        assert peer["client"] == f"{name}-service"
        assert matches(peer["secret"], known.secret)
        assert known.scopes == {"office:read", *HANDING_ON, *others}


def test_credit_signs_statements_with_a_key_of_its_own_and_names_the_gateway_in_their_codes(
    tmp_path: Path,
) -> None:
    environment = plan(tmp_path, GATEWAY_PORT="9000").environment
    assert len(read_keys(environment["CREDIT_STATEMENT_KEY"]).keys) == 1
    assert environment["CREDIT_PUBLIC_URL"] == "http://127.0.0.1:9000"


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "８０００"])
def test_what_is_no_port_is_refused_by_the_name_of_its_setting(port: str) -> None:
    with pytest.raises(Refused, match=f"CREDIT_PORT={port} is no port"):
        addresses({"CREDIT_PORT": port})


def test_two_parts_on_one_port_are_refused() -> None:
    with pytest.raises(Refused, match="CREDIT_PORT and GATEWAY_PORT are both 8102"):
        addresses({"GATEWAY_PORT": "8102"})


def test_a_gateway_for_everybody_is_still_reached_from_here() -> None:
    assert addresses({"GATEWAY_HOST": "0.0.0.0"})["gateway"].url == "http://127.0.0.1:8000"
    assert Address("::1", 8000).url == "http://[::1]:8000"


def test_a_taken_port_is_refused_by_the_name_of_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Refused, match=rf"port {port} on 127.0.0.1 \(OFFICE_PORT\) cannot be used"):
            refuse_taken({"office": Address("127.0.0.1", port)})


def test_a_relative_folder_lies_in_the_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LOCAL_FOLDER", raising=False)
    monkeypatch.chdir(tmp_path)
    assert LocalSettings().place == Path(prepare.__file__).parents[1] / "var"


def test_a_second_set_in_the_same_folder_is_refused_and_the_first_one_can_be_asked_for(
    tmp_path: Path,
) -> None:
    assert running(tmp_path) is None
    with only_one(tmp_path):
        with pytest.raises(Refused, match="runs already, as process"), only_one(tmp_path):
            pass
        assert running(tmp_path) is not None
    assert running(tmp_path) is None


# ------------------------------------------------------------------------------------------------ clients
def test_every_client_gets_a_secret_of_its_own_that_opens_its_hash(tmp_path: Path) -> None:
    prepare.make_clients(tmp_path)
    clients = read(tmp_path / "clients.yaml")
    assert clients.keys() == TEMPLATE.keys()
    secrets = {id: (client_secrets(tmp_path) / id).read_text() for id in clients if id != "console"}
    assert len(set(secrets.values())) == len(clients) - 1
    assert matches(secrets["hotline"], clients["hotline"].secret)
    assert mode(tmp_path / "clients.yaml") == mode(client_secrets(tmp_path) / "hotline") == 0o600


def test_making_clients_again_keeps_secrets_and_what_the_operator_added(tmp_path: Path) -> None:
    prepare.make_clients(tmp_path)
    file = tmp_path / "clients.yaml"
    content = yaml.safe_load(file.read_text())
    secret = content["clients"]["viewer"]["secret"]
    content["clients"]["our-own"] = {"name": "自设", "scopes": ["office:read"], "secret": secret}
    content["clients"]["viewer"]["scopes"] = ["office:read"]
    file.write_text(yaml.safe_dump(content, allow_unicode=True))
    prepare.make_clients(tmp_path)
    clients = read(file)
    assert clients["our-own"].name == "自设"
    assert clients["viewer"].secret == secret
    assert clients["viewer"].scopes == set(TEMPLATE["viewer"]["scopes"])


def test_the_console_signs_by_a_key_whose_public_half_the_gateway_has(tmp_path: Path) -> None:
    prepare.make_clients(tmp_path)
    key = read_key(assertion_key(tmp_path, "console"))
    prepare.make_clients(tmp_path)
    known = read(tmp_path / "clients.yaml")["console"]
    assert [each.as_dict() for each in known.assertion_keys] == [public_jwk(key)]
    assert known.secret is None
    assert mode(assertion_key(tmp_path, "console")) == 0o600


def test_a_key_of_the_console_that_is_none_is_told(tmp_path: Path) -> None:
    prepare.make_clients(tmp_path)
    assertion_key(tmp_path, "console").write_text("no key")
    with pytest.raises(BrokenClients, match=r"console\.assertion-key is no private Ed25519 key"):
        prepare.make_clients(tmp_path)


def test_people_may_do_what_the_operator_may_but_what_systems_do_among_themselves() -> None:
    systems = {s for s in TEMPLATE["operator"]["scopes"] if s.endswith((":sync", ":subscribe"))}
    assert set(TEMPLATE["console"]["scopes"]) == set(TEMPLATE["operator"]["scopes"]) - systems


def test_a_client_whose_secret_was_removed_gets_a_new_one(tmp_path: Path) -> None:
    prepare.make_clients(tmp_path)
    file = client_secrets(tmp_path) / "viewer"
    former = file.read_text()
    file.unlink()
    prepare.make_clients(tmp_path)
    hashed = read(tmp_path / "clients.yaml")["viewer"].secret
    assert matches(file.read_text(), hashed)
    assert not matches(former, hashed)


def test_the_operator_may_do_everything_that_a_service_asks_a_scope_for() -> None:
    asked = set[str]().union(*map(scopes_of, NAMES))
    roles_of_emergency = {value for name, value in vars(roles).items() if name.isupper()}
    actions_of_dispatch = {f"{service}:write" for service in SERVICES}
    # Which items of the credit scheme somebody enters is told by this one, which no operation asks for.
    items = {COURT}
    assert asked | roles_of_emergency | actions_of_dispatch | {ANY_UNIT} | items == set(
        TEMPLATE["operator"]["scopes"]
    )


def test_every_street_and_town_has_a_client_for_its_own_part() -> None:
    of_divisions = {
        client["division"]: client for client in TEMPLATE.values() if {"division", "unit"} <= client.keys()
    }
    streets = units.units(units.Kind.STREET, units.Kind.TOWN)
    assert {street.name: street.id for street in streets} == {
        division: client["unit"] for division, client in of_divisions.items()
    }
    assert len({tuple(client["scopes"]) for client in of_divisions.values()}) == 1


def test_the_communities_of_every_street_and_town_have_a_client() -> None:
    communities = [
        client["division"]
        for client in TEMPLATE.values()
        if "division" in client and COMMUNITY in client["scopes"]
    ]
    assert communities == [street.name for street in units.units(units.Kind.STREET, units.Kind.TOWN)]


def test_whoever_the_emergency_plan_gives_something_to_do_has_a_client_for_it() -> None:
    roles_of_emergency = {value for name, value in vars(roles).items() if name.isupper()}
    others = [client["scopes"] for id, client in TEMPLATE.items() if id != "operator"]
    assert roles_of_emergency <= {scope for scopes in others for scope in scopes}


def test_every_unit_that_a_matter_is_sent_to_has_a_client_that_handles_requests() -> None:
    matters = [
        matter for name in SERVICES for matter in import_module(f"services.{name}.app").service.matters
    ]
    handling = {client.get("unit") for client in TEMPLATE.values() if {HANDLE, READ} <= set(client["scopes"])}
    assert {matter.unit for matter in matters if matter.unit} <= handling
    assert {street.id for street in units.units(units.Kind.STREET, units.Kind.TOWN)} <= handling


def test_the_questions_of_every_matter_are_a_schema() -> None:
    asked = [
        matter.questions
        for name in SERVICES
        for matter in import_module(f"services.{name}.app").service.matters
    ]
    assert any(asked)
    for questions in asked:
        Draft202012Validator.check_schema(dict(questions))


def test_a_company_is_limited_to_itself() -> None:
    companies = [client for client in TEMPLATE.values() if "company" in client]
    assert [uscc.is_valid(company["company"]) for company in companies] == [True, True]
    assert not [company for company in companies if {"unit", "division"} & company.keys()]


def test_who_only_looks_may_write_nothing() -> None:
    assert all(scope.endswith(":read") for scope in TEMPLATE["viewer"]["scopes"])
    assert "personal:read" not in TEMPLATE["viewer"]["scopes"]


def test_the_office_asks_the_property_service_as_a_client_that_the_gateway_knows(tmp_path: Path) -> None:
    asked = json.loads(plan(tmp_path, PROPERTY_PORT="9101").environment["OFFICE_PROPERTY_SERVICE"])
    prepare.make_clients(tmp_path)
    known = read(tmp_path / "clients.yaml")[asked["client"]]
    assert asked["url"] == "http://127.0.0.1:9101"
    assert matches(asked["secret"], known.secret)
    assert known.scopes == {"property:read", *HANDING_ON}
