"""Tokens from the gateway of the running set, for its own clients."""

import json
import os
import shlex
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from deploy.datafolder import Refused
from deploy.kept import write_privately
from deploy.lock import running
from deploy.plan import Plan, client_secrets
from kit.settings import SETTINGS_FILE


def write_environment(folder: Path, plan: Plan) -> None:
    """Keep the set's environment for commands beside it: `set -a; . var/run.env` (mode 0600, it holds secrets)."""
    write_privately(_environment_file(folder), environment_lines({**plan.environment, "BASE": plan.base}))


def environment_lines(environment: Mapping[str, str]) -> str:
    """An environment as a file that shells and `SETTINGS_FILE` read."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(environment.items()))


def read_environment(folder: Path) -> dict[str, str]:
    """The environment of the set that runs in the folder, or of the one in containers whose `SETTINGS_FILE` we have.

    Raises Refused when none runs.
    """
    if SETTINGS_FILE not in os.environ and running(folder) is None:
        raise Refused(f"nothing runs in {folder}: start it with `make run`, and ask again once it is ready")
    return kept_environment(folder)


def kept_environment(folder: Path) -> dict[str, str]:
    """The environment that the folder keeps, of a set that may run elsewhere. Raises Refused when there is none."""
    try:
        words = shlex.split(_environment_file(folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused("it is starting: ask again once it is ready") from None
    return dict(word.split("=", 1) for word in words)


def token_of(folder: Path, client: str) -> str:
    """A token for a client. Raises Refused when nothing runs, the client is unknown, or the gateway refuses it."""
    environment = read_environment(folder)
    secrets = client_secrets(folder)
    known = sorted(path.name for path in secrets.iterdir()) if secrets.exists() else []
    if client not in known:
        raise Refused(f"there is no client {client!r}: choose one of {', '.join(known)}")
    return ask_token(environment["BASE"], client, (secrets / client).read_text())


def ask_token(base: str, client: str, secret: str) -> str:
    """A token from the gateway at `base` (OAuth 2.0 client credentials). Raises Refused, with its reason."""
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    where = urlsplit(base)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=10)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request("POST", "/auth/v1/token", urlencode(form), kind)
        answer = json.loads(connection.getresponse().read())
        return str(answer["access_token"])
    except KeyError:
        raise Refused(f"the gateway gives {client} no token: {answer.get('detail', answer)}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise Refused(
            f"the gateway at {base} does not answer ({error}): ask again once it is ready"
        ) from None
    finally:
        connection.close()


def _environment_file(folder: Path) -> Path:
    return folder / "run.env"
