"""The gateway's commands: serve, keys, hash."""

import argparse
import getpass
import sys

from kit.starting import uncollected

with uncollected():
    from gateway import keys
    from gateway.app import config
    from gateway.clients import BrokenClients, hash_secret
    from gateway.keys import UnusableKey
    from gateway.settings import GatewaySettings
    from kit import spans
    from kit.logs import configure
    from kit.settings import read
    from kit.web import server
    from kit.web.issuers import BrokenIssuers


def main() -> None:
    """Run a command of the gateway from the command line."""
    given = _parser().parse_args()
    if given.command == "hash":
        secret = getpass.getpass("secret: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
        sys.stdout.write(hash_secret(secret) + "\n")
        return
    settings = read(GatewaySettings)
    configure(settings.log_level, settings.log_format)
    try:
        if given.command == "keys":
            given.change(settings)
        else:
            spans.begin("gateway")
            server.run(config(settings))
    except (UnusableKey, BrokenClients, BrokenIssuers) as error:
        sys.exit(f"gateway: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway", description="The one door to all services.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve until stopped")
    _add_keys(commands.add_parser("keys", help="make or replace the key that signs tokens"))
    commands.add_parser("hash", help="read a client's secret from standard input and print its hash")
    return parser


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(change=keys.make_keys)
    changes = parser.add_mutually_exclusive_group()
    for change, says in (
        (keys.announce, "publish the next key, with which nothing is signed yet"),
        (keys.rotate, "sign with the next key from now on; tokens of the former one hold until they end"),
        (keys.forget, "take back all former keys: their tokens end at once"),
    ):
        changes.add_argument(
            f"--{change.__name__}", dest="change", action="store_const", const=change, help=says
        )
    parser.description = "Without an option: make the key where there is none, and publish its public half."


if __name__ == "__main__":
    main()
