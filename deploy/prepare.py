"""python -m deploy.prepare PART …: databases brought up to date, with what they begin with; the keys and clients of the gateway.

Again changes nothing.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import yaml
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import OperationalError

from console.cli import load as load_people
from console.home import HOME
from console.settings import ConsoleSettings
from deploy.kept import kept, random_password, write_privately
from deploy.plan import CONSOLE, PORTS, assertion_key, client_secrets, clients_file, read_settings, variable
from gateway.clients import BrokenClients, hash_secret, read
from gateway.keys import UnusableKey, make_keys
from gateway.settings import GatewaySettings
from kit import cli
from kit.district import reference
from kit.logs import configure
from kit.service import Service
from kit.storage.schema import Home, Refused, newest_revisions, standing
from kit.web.assertions import new_key, public_jwk, read_key

TEMPLATE = Path(__file__).with_name("clients.yaml")
HEADING = """\
# The clients of the gateway, with the scrypt hashes of their secrets; the secrets themselves: secrets/clients/.
# A client with assertion_keys signs for people; its private key: secrets/ID.assertion-key.
# Those of deploy/clients.yaml are brought up to date at every start. Add your own under other names
# (`python -m gateway hash` makes a hash); the gateway reads the file again when it changes.
"""


def main() -> None:
    configure("INFO", "json")
    prepare_all(_parser().parse_args().parts)


def prepare_all(parts: Iterable[str], *, people: bool = True) -> None:
    """Prepare services, the console, or the gateway. Raises: SystemExit, which tells what is in the way, without secrets.

    people: with the console's key and first accounts, whose passwords are kept in the folder.
    """
    part = ""
    try:
        for part in parts:
            if part == "gateway":
                make_keys_and_clients(GatewaySettings(), read_settings().place)
            elif part == CONSOLE:
                settings = ConsoleSettings()
                _bring_up_to_date(HOME, settings.database_url)
                if people:
                    prepare_people(settings, read_settings().place)
            else:
                prepare(service_named(part))
    except (UnusableKey, BrokenClients, Refused) as error:
        sys.exit(f"{part}: {error}")
    except (psycopg.OperationalError, OperationalError) as error:
        reason = error.orig if isinstance(error, OperationalError) else error
        setting = variable(part, "DATABASE_URL")
        sys.exit(f"{part}: the database that {setting} names cannot be used: {reason}")
    except SettingsError as error:
        sys.exit(f"{part}: {error}")
    except ValidationError as error:  # what was given is left out: it may be a secret
        wrong = (
            (variable(part, str(item["loc"][0])), item["msg"]) for item in error.errors(include_input=False)
        )
        sys.exit("\n".join(f"{name}: {reason}" for name, reason in wrong))


def service_named(name: str) -> Service:
    """A service of the set."""
    found: Service = import_module(f"services.{name}.app").service
    return found


def prepare(service: Service) -> None:
    """Bring a service's database to the newest revision and its reference data in."""
    settings = service.settings()
    _bring_up_to_date(service, settings.database_url)
    asyncio.run(cli.load(service, settings))


def _bring_up_to_date(home: Home, url: SecretStr) -> None:
    if standing(url) != newest_revisions(home):
        from kit.storage import migrations  # here, since Alembic takes its time and is seldom needed

        migrations.migrate(home, url)


def prepare_people(settings: ConsoleSettings, folder: Path) -> None:
    """Make the console's first accounts, and its key where there is none.

    The first passwords are kept in `secrets/people`, for whoever signs in first.
    """
    kept(settings.assertion_key, new_key)
    people = folder / "secrets" / "people"
    people.mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(
        load_people(settings.database_url, lambda login, password: write_privately(people / login, password))
    )


def make_keys_and_clients(settings: GatewaySettings, folder: Path) -> None:
    """Make the key that signs tokens and, unless the deployment names its own file, the clients."""
    make_keys(settings)
    if settings.clients == clients_file(folder):
        make_clients(folder)


def make_clients(folder: Path) -> None:
    """Write the clients file from the template; secrets and keys that are kept stay, and so do further clients.

    Raises: BrokenClients when the file that is there, or a key, cannot be read.
    """
    file = clients_file(folder)
    known = _known(file)
    made: dict[str, Any] = reference.read(TEMPLATE)["clients"]
    for id, client in made.items():
        if "assertion_keys" in client:
            client["assertion_keys"] = [_public_half(assertion_key(folder, id))]
            continue
        kept_already = (client_secrets(folder) / id).exists()
        secret = kept(client_secrets(folder) / id, random_password)
        client["secret"] = known[id]["secret"] if kept_already and id in known else hash_secret(secret)
    written = HEADING + yaml.safe_dump({"clients": {**known, **made}}, allow_unicode=True, sort_keys=False)
    if not file.exists() or file.read_text(encoding="utf-8") != written:
        write_privately(file, written)


def _public_half(file: Path) -> dict[str, Any]:
    """The public half of the key by which a client signs assertions, made where there is none. Raises: BrokenClients."""
    kept(file, new_key)
    try:
        return public_jwk(read_key(file))
    except ValueError as error:
        raise BrokenClients(str(error)) from None


def _known(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    read(file)
    clients: dict[str, Any] = reference.read(file)["clients"]
    return clients


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.prepare", description=__doc__)
    parser.add_argument("parts", nargs="+", metavar="PART", choices=PORTS, help=f"of {', '.join(PORTS)}")
    return parser


if __name__ == "__main__":
    main()
