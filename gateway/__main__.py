"""The gateway's commands: serve, keys, hash."""

import argparse
import getpass
import sys

from gateway.app import config
from gateway.clients import BrokenClients, hash_secret
from gateway.keys import UnusableKey, make_keys
from gateway.settings import GatewaySettings
from kit.logs import configure
from kit.web import server


def main() -> None:
    """Run a command of the gateway from the command line."""
    command = _parser().parse_args().command
    if command == "hash":
        secret = getpass.getpass("secret: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
        sys.stdout.write(hash_secret(secret) + "\n")
        return
    settings = GatewaySettings()
    configure(settings.log_level, settings.log_format)
    try:
        if command == "keys":
            make_keys(settings)
        else:
            server.run(config(settings))
    except (UnusableKey, BrokenClients) as error:
        sys.exit(f"gateway: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway", description="The one door to all services.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve until stopped")
    commands.add_parser("keys", help="make the signing key where there is none, and publish its public half")
    commands.add_parser("hash", help="read a client's secret from standard input and print its hash")
    return parser


if __name__ == "__main__":
    main()
