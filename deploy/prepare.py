"""python -m deploy.prepare [--keep FOLDER] [--tell FD] [SERVICE …]: databases brought up to date, keys and clients made.

One process for all of it, because a service takes a second to import. Again changes nothing.
"""

import argparse
import asyncio
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from deploy.kept import kept, random_password, write_privately
from deploy.plan import SERVICES, client_secrets, clients_file, variable
from gateway.clients import BrokenClients, hash_secret, read
from gateway.keys import UnusableKey, make_keys
from gateway.settings import GatewaySettings
from kit import cli
from kit.district import reference
from kit.logs import configure
from kit.service import Service
from kit.storage import migrations

TEMPLATE = Path(__file__).with_name("clients.yaml")
HEADING = """\
# The clients of the gateway, with the scrypt hashes of their secrets; the secrets themselves: secrets/clients/.
# Those of deploy/clients.yaml are brought up to date at every start. Add your own under other names
# (`python -m gateway hash` makes a hash); the gateway reads the file again when it changes.
"""


def main() -> None:
    arguments = _parser().parse_args()
    configure("INFO", "json")
    part = "gateway"
    try:
        if arguments.keep is not None:
            make_keys_and_clients(GatewaySettings(), arguments.keep)
            _tell(arguments.tell, part)
        for part in arguments.services or SERVICES:
            prepare(import_module(f"services.{part}.app").service)
            _tell(arguments.tell, part)
    except (UnusableKey, BrokenClients) as error:
        sys.exit(f"{part}: {error}")
    except OperationalError as error:
        sys.exit(
            f"{part}: the database that {variable(part, 'DATABASE_URL')} names cannot be used: {error.orig}"
        )
    except ValidationError as error:  # what was given is left out: it may be a secret
        wrong = (
            (variable(part, str(item["loc"][0])), item["msg"]) for item in error.errors(include_input=False)
        )
        sys.exit("\n".join(f"{name}: {reason}" for name, reason in wrong))


def prepare(service: Service) -> None:
    """Bring a service's database to the newest revision and its reference data in."""
    settings = service.settings()
    migrations.migrate(service, settings.database_url)
    asyncio.run(cli.load(service, settings))


def make_keys_and_clients(settings: GatewaySettings, folder: Path) -> None:
    """Make the key that signs tokens and, unless the deployment names its own file, the clients."""
    make_keys(settings)
    if settings.clients == clients_file(folder):
        make_clients(folder)


def make_clients(folder: Path) -> None:
    """Write the clients file from the template; the secrets that are kept stay, and so do further clients.

    Raises: BrokenClients when the file that is there cannot be read.
    """
    file = clients_file(folder)
    known = _known(file)
    made: dict[str, Any] = reference.read(TEMPLATE)["clients"]
    for id, client in made.items():
        kept_already = (client_secrets(folder) / id).exists()
        secret = kept(client_secrets(folder) / id, random_password)
        client["secret"] = known[id]["secret"] if kept_already and id in known else hash_secret(secret)
    written = HEADING + yaml.safe_dump({"clients": {**known, **made}}, allow_unicode=True, sort_keys=False)
    if not file.exists() or file.read_text(encoding="utf-8") != written:
        write_privately(file, written)


def _tell(descriptor: int | None, name: str) -> None:
    if descriptor is not None:
        os.write(descriptor, f"{name}\n".encode())


def _known(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    read(file)
    clients: dict[str, Any] = reference.read(file)["clients"]
    return clients


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.prepare", description=__doc__)
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="make keys and clients in this folder, too"
    )
    parser.add_argument("--tell", type=int, metavar="FD", help="write there the name of what can be started")
    parser.add_argument("services", nargs="*", metavar="SERVICE", help=f"of {', '.join(SERVICES)}; or all")
    return parser


if __name__ == "__main__":
    main()
