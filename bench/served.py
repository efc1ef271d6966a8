"""The property service as it ships, on a database of its own that a measurement fills: one process, a signed token."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from bench.gateway import keys_and_token
from bench.processes import free_ports, running
from deploy import postgres
from deploy.kept import random_key

_COMMAND = [sys.executable, "-m", "services.property"]


@dataclass(frozen=True)
class Property:
    """The service: where it listens, a token for it, its process, its database, a folder for whatever is made, its settings."""

    port: int
    token: str
    pid: int
    database: psycopg.Connection[Any]
    folder: Path
    environment: dict[str, str]

    @property
    def base(self) -> str:
        """What addresses of its operations begin with."""
        return f"http://127.0.0.1:{self.port}/property/v1"


@contextmanager
def property_service(*scopes: str) -> Iterator[Property]:
    """The service, ended with the block; its token has these scopes besides reading and writing."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dongsheng-bench-")))
        folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
        server = stack.enter_context(postgres.start(folder / "postgres", 0))
        url = server.ensure_database("property")
        (port,) = free_ports(1)
        token = keys_and_token(folder, *scopes)
        environment = {
            "PROPERTY_PORT": str(port),
            "PROPERTY_DATABASE_URL": url,
            "PROPERTY_PERSONAL_KEY": random_key(),
            "PROPERTY_TOKEN_JWKS": str(folder / "jwks.json"),
        }
        for step in ("migrate", "load"):
            subprocess.run([*_COMMAND, step], env=os.environ | environment, check=True, capture_output=True)
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        database = stack.enter_context(psycopg.connect(plain, autocommit=True))
        process = stack.enter_context(running([*_COMMAND, "serve"], port, environment))
        yield Property(port, token, process.pid, database, folder, environment)
