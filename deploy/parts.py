"""The folder of a set whose processes stand alone, in containers or as units, and `parts/`, what each of them is given."""

import os
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.engine import URL, make_url

from deploy.datafolder import Refused
from deploy.kept import kept, random_password, write_privately
from deploy.plan import CONSOLE, HOMES, HOST, PORTS, Plan, client_secrets, make_plan, variable
from deploy.tokens import environment_lines, kept_environment, write_environment

#: Seconds that a part goes on answering when it is replaced; above those that the gateway keeps an idle connection for.
DRAIN = 5


class Choices(BaseModel):
    """What was chosen when a folder was made; it holds until something else is chosen.

    public_url: under which callers reach the gateway; pages_url: under which people reach the console; here: all processes
    are on this machine, and do not have a name of their own in a network; postgres: HOST:PORT of PostgreSQL.
    """

    model_config = ConfigDict(frozen=True)

    public_url: str = "http://127.0.0.1:8000"
    pages_url: str = "http://127.0.0.1:8001"
    here: bool = False
    postgres: str = ""

    @property
    def server(self) -> tuple[str, int]:
        """Host and port of PostgreSQL. Raises Refused for what is none."""
        given = urlsplit(f"//{self.postgres or (HOST if self.here else 'postgres')}")
        try:
            return given.hostname or "", given.port or 5432
        except ValueError as error:
            raise Refused(f"{self.postgres} is no HOST:PORT: {error}") from None


def kept_choices(folder: Path) -> Choices:
    """What was chosen for a folder, or what holds where nothing was. Raises Refused for what cannot be read."""
    try:
        return Choices.model_validate_json(_choices(folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Choices()
    except ValidationError as error:
        raise Refused(f"{_choices(folder)} cannot be read: {error.errors()[0]['msg']}") from None


def make_parts(folder: Path, choices: Choices) -> Plan:
    """Make `parts/NAME` with the settings of each part and `run.env` with all; a password that is missing is made.

    Raises Refused where the choices are none.
    """
    databases = {name: _address(folder, name, choices) for name in HOMES}
    plan = make_plan(folder, databases, _given(folder, choices), named=not choices.here)
    write_environment(folder, plan)
    write_privately(_choices(folder), choices.model_dump_json() + "\n")
    for part in (*plan.services, plan.gateway):
        write_privately(folder / "parts" / part.name, environment_lines(part.environment))
    pages = {**plan.console.environment, **_told(folder / "secrets" / "console.env")}
    write_privately(folder / "parts" / CONSOLE, environment_lines(pages))
    if (city := folder / "secrets" / "adapter.env").exists():
        write_privately(folder / "parts" / "adapter", environment_lines(_adapter(folder, plan.base, city)))
    return plan


def remake(folder: Path) -> None:
    """Bring what the parts are given up to date with the folder's secrets, where it has parts."""
    if (folder / "parts").exists():
        make_parts(folder, kept_choices(folder))


def password(folder: Path, role: str) -> Path:
    """The file of a role's password."""
    return folder / "secrets" / f"{role}.database-password"


def made_databases(folder: Path) -> dict[str, URL]:
    """Where the databases of the services and of the console are: as the environment says, or as the folder keeps it.

    Raises Refused.
    """
    environment = {**kept_environment(folder), **os.environ}
    return {name: make_url(environment[variable(name, "DATABASE_URL")]) for name in HOMES}


def _choices(folder: Path) -> Path:
    return folder / "choices.json"


def _given(folder: Path, choices: Choices) -> dict[str, str]:
    """What is chosen otherwise than by `make run`."""
    own = {"DRAIN": str(DRAIN)}
    if not choices.here:
        own["HOST"] = "0.0.0.0"  # noqa: S104 - its own network
    keys = str(folder / "keys" / "public" / "jwks.json")
    return {
        **{variable(name, setting): value for name in PORTS for setting, value in own.items()},
        **{variable(name, "TOKEN_JWKS"): keys for name in PORTS if name != CONSOLE},
        **{variable(name, "PUBLIC_URL"): choices.public_url for name in ("emergency", "credit")},
        "CONSOLE_PUBLIC_URL": choices.pages_url,
        "CONSOLE_DOCUMENTATION": f"{choices.public_url}/docs",
        "GATEWAY_CONSOLE": choices.pages_url,
    }


def _adapter(folder: Path, gateway: str, city: Path) -> dict[str, str]:
    """The adapter's settings: what the city has given, and its client at the gateway."""
    secret = kept(client_secrets(folder) / "city-platform", random_password)
    return {"ADAPTER_GATEWAY": gateway, "ADAPTER_CLIENT_SECRET": secret, **_told(city)}


def _told(file: Path) -> dict[str, str]:
    """What somebody has written into a file of settings; nothing where it is not there."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return dict(word.split("=", 1) for word in shlex.split(text, comments=True))


def _address(folder: Path, name: str, choices: Choices) -> str:
    host, port = choices.server
    secret = kept(password(folder, name), random_password)
    made = URL.create("postgresql+psycopg", name, secret, host, port, name)
    return made.render_as_string(hide_password=False)
