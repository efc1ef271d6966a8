"""python -m deploy.rekey announce | seal | forget SERVICE…: the next key of a service's personal data, in var/secrets.

    announce   a new key is made: it opens, and does not seal yet
    seal       the announced key seals from now on, the former one opens; a key that was not announced is made at once
    forget     the key that seals alone stays, once nothing is found that another has sealed

What changes is the file, and what is made from it for processes that stand alone; a process has it when it is started
again: the order is in docs/operations.md. A step that was taken already changes nothing.
"""

import argparse
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.datafolder import Refused
from deploy.kept import write_privately
from deploy.parts import remake
from deploy.plan import ROOT, SERVICES, personal_key, read_settings, variable
from deploy.tokens import read_environment
from kit.personal.keys import SIZE, Keys


def main() -> None:
    arguments = _parser().parse_args()
    place = read_settings().place
    try:
        for name in arguments.services:
            file = personal_key(place, name)
            keys = read(file)
            match arguments.step:
                case "announce":
                    changed = announced(keys)
                case "seal":
                    changed = sealing(keys)
                case _:
                    changed = forgotten(keys)
                    if changed != keys:
                        must_open(name, changed, {**read_environment(place), **os.environ})
            if changed != keys:
                write_privately(file, changed.written)
        remake(place)
    except Refused as refused:
        sys.exit(str(refused))


def read(file: Path) -> Keys:
    """The keys that a file holds. Raises: Refused."""
    try:
        return Keys.read(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as error:
        raise Refused(f"{file} holds no keys: {error}") from None


def announced(keys: Keys) -> Keys:
    """With a next key. Raises: Refused where a former key is there still."""
    if len(keys.sealing) > 1:
        raise Refused("the former key is there still: take it out with `forget` before the next")
    return keys if keys.next else Keys(keys.sealing, secrets.token_bytes(SIZE))


def sealing(keys: Keys) -> Keys:
    """With the next key first."""
    if keys.next is None and len(keys.sealing) > 1:
        return keys
    return Keys((keys.next or secrets.token_bytes(SIZE), *keys.sealing))


def forgotten(keys: Keys) -> Keys:
    """With the first key alone. Raises: Refused where the next key does not seal yet."""
    if keys.next is not None:
        raise Refused("the announced key does not seal yet: `seal` comes before `forget`")
    return Keys(keys.sealing[:1])


def must_open(name: str, keys: Keys, environment: Mapping[str, str]) -> None:
    """Show that the keys alone open whatever the service has sealed. Raises: Refused, with how each table stands."""
    done = subprocess.run(
        [sys.executable, "-m", f"services.{name}", "reseal", "--check"],
        cwd=ROOT,
        env={**environment, variable(name, "PERSONAL_KEY"): keys.written},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = f"{done.stdout}{done.stderr}".strip()
        raise Refused(f"{name}: not all is sealed by the key that would stay (`reseal` seals it):\n{words}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.rekey", description="Change the keys of personal data, step by step."
    )
    parser.add_argument("step", choices=("announce", "seal", "forget"))
    parser.add_argument("services", nargs="+", metavar="SERVICE", choices=SERVICES)
    return parser


if __name__ == "__main__":
    main()
