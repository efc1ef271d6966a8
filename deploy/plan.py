"""What `make run` starts: which processes, on which ports, with which environment."""

import json
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.datafolder import Refused
from deploy.kept import kept, random_key, random_password, random_statement_key, random_webhook_secret

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"

#: The services and their ports; one whose facts credit scores stands before it.
SERVICES = {"property": 8101, "emergency": 8103, "credit": 8102, "lawstudy": 8104, "office": 8105}
#: Those that keep files, and where in our folder, unless another folder or a bucket is named for one.
KEEP_FILES = ("lawstudy",)
FILES = "files"
CONSOLE = "console"
PORTS = {**SERVICES, CONSOLE: 8001, "gateway": 8000}
#: What has a database of its own.
HOMES = (*SERVICES, CONSOLE)

Environment = Mapping[str, str]


class LocalSettings(BaseSettings):
    """What `make run` has of its own; the settings of the services and of the gateway hold as well."""

    model_config = SettingsConfigDict(env_prefix="LOCAL_", extra="ignore")

    folder: Annotated[Path, Field(description="where data, keys and logs are kept")] = Path("var")
    postgres_port: Annotated[
        int, Field(description="port of the embedded PostgreSQL, where one is needed", ge=1, le=65535)
    ] = 15062
    drill_server: Annotated[
        SecretStr,
        Field(
            description="postgresql+psycopg:// address of a server on which a drill may create databases and drops them"
            " again; empty: an embedded one"
        ),
    ] = SecretStr("")

    @property
    def place(self) -> Path:
        """The folder; a relative one lies in the project."""
        return ROOT / self.folder


def read_settings() -> LocalSettings:
    """The settings from the environment. Raises Refused, naming the variable that is wrong."""
    try:
        return LocalSettings()
    except ValidationError as error:
        wrong = (f"LOCAL_{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())
        raise Refused("; ".join(wrong)) from None


@dataclass(frozen=True)
class Address:
    """Where a part listens. name: by which the others reach it, where each has a network address of its own."""

    host: str
    port: int
    name: str = ""

    @property
    def reached(self) -> str:
        """The host under which it is reached."""
        if self.name:
            return self.name
        return HOST if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 - recognised, not chosen

    @property
    def url(self) -> str:
        return f"http://{f'[{self.reached}]' if ':' in self.reached else self.reached}:{self.port}"


@dataclass(frozen=True)
class Part:
    """A process: a service or the gateway, which serve HTTP at an address, or the worker, which does not."""

    name: str
    command: tuple[str, ...]
    address: Address | None
    environment: Environment


@dataclass(frozen=True)
class Plan:
    """The whole set. base: where the gateway answers, pages: where people go; environment: that of all parts together."""

    base: str
    pages: str
    gateway: Part
    console: Part
    services: tuple[Part, ...]
    worker: Part
    environment: Environment


def clients_file(folder: Path) -> Path:
    """The clients that we make; unless GATEWAY_CLIENTS names others."""
    return folder / "clients.yaml"


def client_secrets(folder: Path) -> Path:
    """The folder of the clients' secrets in plain text, one file each."""
    return folder / "secrets" / "clients"


def assertion_key(folder: Path, client: str) -> Path:
    """The PEM file of the key by which a client signs who its people are."""
    return folder / "secrets" / f"{client}.assertion-key"


def personal_key(folder: Path, service: str) -> Path:
    """The file of a service's key for personal data, or of its keys while one takes another's place."""
    return folder / "secrets" / f"{service}.personal-key"


def without_database(given: Environment = os.environ) -> list[str]:
    """What no `…_DATABASE_URL` is set for, services and the console: they live in the embedded PostgreSQL."""
    return [name for name in HOMES if not given.get(variable(name, "DATABASE_URL"))]


def addresses(given: Environment = os.environ, *, named: bool = False) -> dict[str, Address]:
    """Where each part listens. Raises Refused for what is no port, or for one that two parts share.

    named: each part is reached by its own name, as containers are, and not on this machine.
    """
    found = {
        name: Address(
            given.get(variable(name, "HOST")) or HOST, _port(name, default, given), name if named else ""
        )
        for name, default in PORTS.items()
    }
    owner: dict[int, str] = {}
    for name, address in found.items():
        if (other := owner.setdefault(address.port, name)) != name:
            both = f"{variable(other, 'PORT')} and {variable(name, 'PORT')}"
            raise Refused(f"{both} are both {address.port}: choose another for one of them")
    return found


def make_plan(
    folder: Path, databases: Environment, given: Environment = os.environ, *, named: bool = False
) -> Plan:
    """The set for a folder; keys and secrets that are missing there are made.

    databases: addresses by service, for those that `given` names none for. What `given` sets goes before
    what we choose. named: see addresses.
    """
    where = addresses(given, named=named)
    chosen = _chosen(folder, where, databases)
    whole = {name: value for name, value in given.items() if _owner(name)} | chosen
    whole |= {name: given[name] for name in chosen if given.get(name)}
    shared = {name: value for name, value in given.items() if not _owner(name)}

    def part(name: str, *command: str, of: Collection[str]) -> Part:
        own = {setting: value for setting, value in whole.items() if _owner(setting) in of}
        return Part(name, (sys.executable, "-m", *command), where.get(name), {**shared, **own})

    return Plan(
        base=where["gateway"].url,
        pages=whole["CONSOLE_PUBLIC_URL"],
        console=part(CONSOLE, CONSOLE, "serve", of=[CONSOLE]),
        gateway=part("gateway", "gateway", "serve", of=["gateway"]),
        services=tuple(part(name, f"services.{name}", "serve", of=[name]) for name in SERVICES),
        worker=part("worker", "deploy.worker", of=SERVICES),
        environment=whole,
    )


def _chosen(folder: Path, where: Mapping[str, Address], databases: Environment) -> dict[str, str]:
    made = {
        "GATEWAY_UPSTREAMS": json.dumps({name: where[name].url for name in SERVICES}),
        "GATEWAY_SIGNING_KEY": str(folder / "keys" / "signing.pem"),
        "GATEWAY_CLIENTS": str(clients_file(folder)),
        "GATEWAY_CONSOLE": where[CONSOLE].url,
        "CONSOLE_PUBLIC_URL": where[CONSOLE].url,
        "CONSOLE_GATEWAY": where["gateway"].url,
        "CONSOLE_DOCUMENTATION": f"{where['gateway'].url}/docs",
        "CONSOLE_ASSERTION_KEY": str(assertion_key(folder, CONSOLE)),
        "EMERGENCY_PUBLIC_URL": where["gateway"].url,
        "PROPERTY_CREDIT_URL": where["credit"].url,
        "CREDIT_PUBLIC_URL": where["gateway"].url,
        "CREDIT_STATEMENT_KEY": kept(folder / "secrets" / "credit.statement-key", random_statement_key),
    }
    for name, address in where.items():
        made[variable(name, "HOST")] = address.host
        made[variable(name, "PORT")] = str(address.port)
        if name == CONSOLE:
            continue  # it checks no token
        made[variable(name, "TOKEN_JWKS")] = str(folder / "keys" / "jwks.json")
        if (others := folder / "issuers.yaml").exists():
            made[variable(name, "OUTSIDE_ISSUERS")] = str(others)
    for name in KEEP_FILES:
        made[variable(name, "FILES_FOLDER")] = str(folder / FILES / name)
    for name in SERVICES:
        made[variable(name, "PERSONAL_KEY")] = kept(personal_key(folder, name), random_key)
    for name, url in databases.items():
        made[variable(name, "DATABASE_URL")] = url
    for name in SERVICES:
        made[variable(name, "GATEWAY")] = json.dumps(_other(folder, where, f"{name}-service", "gateway"))
    for name in ASK_OFFICE:
        made[variable(name, "OFFICE")] = json.dumps(_other(folder, where, f"{name}-service", "office"))
    made["OFFICE_PROPERTY_SERVICE"] = json.dumps(_other(folder, where, "office-service", "property"))
    return made | _events(folder, where)


#: The services that ask the government office who acts now, each by a client of its own.
ASK_OFFICE = ("emergency", "lawstudy")
#: What the evaluation of companies is told of, by who tells it.
OF_CREDIT = {
    "property": [
        "property.company.*",
        "property.project.held",
        "property.project.dropped",
        "property.complaint.*",
        "property.duty.overdue",
        "property.finding.made",
        "property.finding.withdrawn",
        "property.request.overdue",
        "dispatch.pattern.noticed",
    ],
    "emergency": ["emergency.responsibility.established", "dispatch.pattern.noticed"],
}
#: What the headquarters is told of: accidents in the words of requests that others have. Its own it hears by itself.
OF_EMERGENCY = {
    sender: ["dispatch.request.alarming"] for sender in ("property", "credit", "lawstudy", "office")
}
#: What property is told of: compounds about which others have more requests than expected. Its own it hears by itself.
OF_PROPERTY = {
    sender: ["dispatch.pattern.noticed"] for sender in ("credit", "emergency", "lawstudy", "office")
}
HEARD = {"credit": OF_CREDIT, "emergency": OF_EMERGENCY, "property": OF_PROPERTY}


def _events(folder: Path, where: Mapping[str, Address]) -> dict[str, str]:
    """Who sends events to whom, each sender under a secret of its own."""
    made: dict[str, str] = {}
    subscribers: dict[str, list[dict[str, object]]] = {}
    for receiver, senders in HEARD.items():
        secrets = {
            sender: kept(folder / "secrets" / f"{sender}-to-{receiver}.webhook", random_webhook_secret)
            for sender in senders
        }
        feeds = _feeds(folder, where, f"{receiver}-service", senders)
        made[variable(receiver, "EVENT_SECRETS")] = json.dumps(secrets)
        made[variable(receiver, "EVENT_FEEDS")] = json.dumps(feeds)
        url = f"{where[receiver].url}/{receiver}/v1/events"
        for sender, types in senders.items():
            told: dict[str, object] = {
                "name": receiver,
                "url": url,
                "secret": secrets[sender],
                "types": types,
            }
            subscribers.setdefault(sender, []).append(told)
    return made | {variable(sender, "SUBSCRIBERS"): json.dumps(each) for sender, each in subscribers.items()}


def _feeds(
    folder: Path, where: Mapping[str, Address], client: str, sources: Collection[str]
) -> dict[str, dict[str, str]]:
    """The change feeds that a service reads besides being told, by a client of its own."""
    return {source: _other(folder, where, client, source) for source in sources}


def _other(folder: Path, where: Mapping[str, Address], client: str, service: str) -> dict[str, str]:
    """Another service as a part reaches it, by a client of its own whose secret is made where it is missing."""
    return {
        "url": where[service].url,
        "token_url": f"{where['gateway'].url}/auth/v1/token",
        "client": client,
        "secret": kept(client_secrets(folder) / client, random_password),
    }


def variable(part: str, setting: str) -> str:
    """The environment variable of a part's setting."""
    return f"{part}_{setting}".upper()


def _owner(setting: str) -> str | None:
    """The part whose setting an environment variable is."""
    return next((name for name in PORTS if setting.startswith(variable(name, ""))), None)


def _port(part: str, default: int, given: Environment) -> int:
    setting = variable(part, "PORT")
    value = given.get(setting) or str(default)
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise Refused(f"{setting}={value} is no port: choose one from 1 to 65535")
    return int(value)
