"""Secrets that are made once and kept in files that only their owner can read."""

import base64
import json
import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from joserfc.jwk import ECKey


def kept(file: Path, make: Callable[[], str]) -> str:
    """What the file holds; where there is none, `make` is asked. The file appears whole or not at all, mode 0600."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".new-") as fresh:
            fresh.write(make())
            fresh.flush()
            with suppress(FileExistsError):
                os.link(fresh.name, file)
    return file.read_text()


def write_privately(file: Path, content: str) -> None:
    """Put the content into the file, mode 0600; who reads it meanwhile sees the old or the new."""
    new = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(
        os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as opened:
        opened.write(content)
    new.replace(file)


def random_key() -> str:
    """32 random bytes in base64, as the services' personal_key wants them."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def random_webhook_secret() -> str:
    """A secret of Standard Webhooks."""
    return f"whsec_{random_key()}"


def random_password() -> str:
    """A client's secret: 32 characters that need no quoting anywhere."""
    return secrets.token_urlsafe(24)


def random_statement_key() -> str:
    """A private JWK on the curve P-256, as the credit service signs statements with."""
    return json.dumps(ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True))
