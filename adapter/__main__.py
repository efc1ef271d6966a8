"""python -m adapter serve | pass | reconcile [--day DAY]: the city's 12345 platform joined to the gateway.

serve      a pass every so often, and each day's reconciliation, until ended
pass       one pass; exit status 0 if nothing was left undone, 2 if a side was away
reconcile  one day, yesterday if none is said; prints what was found as JSON; exit status 0 if both sides are the same
           after it, 1 if they differ, 2 if a side was away
"""

import argparse
import json
import signal
import sys
from datetime import date, datetime, timedelta

from prometheus_client import start_http_server
from pydantic import ValidationError
from pydantic_settings import SettingsError

from adapter.port import Away, Refused
from adapter.serving import Adapter, adapter
from adapter.settings import AdapterSettings
from kit.district.clock import SHANGHAI
from kit.logs import configure


def main() -> int:
    """Run a command of the adapter; the process's exit status."""
    given = _parser().parse_args()
    try:
        settings = AdapterSettings()
    except ValidationError as error:
        wrong = "\n".join(
            f"  ADAPTER_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()
        )
        sys.exit(f"adapter: these settings are missing or wrong (see docs/settings.md):\n{wrong}")
    except SettingsError as error:
        sys.exit(f"adapter: {error}")
    # Of the one-off commands standard output is their answer.
    configure(settings.log_level if given.command == "serve" else "ERROR", settings.log_format)
    try:
        with adapter(settings, _now) as made:
            return _run(made, given)
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"adapter: {type(error).__name__}: {error}")


def _run(made: Adapter, given: argparse.Namespace) -> int:
    if given.command == "serve":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        if made.settings.port:
            start_http_server(made.settings.port, made.settings.host)
        made.serve()
    if given.command == "pass":
        outcome = made.make_pass()
        _print(
            {"taken": outcome.taken, "told": outcome.told, "refused": outcome.refused, "away": outcome.away}
        )
        return 0 if outcome.whole else 2
    try:
        found = made.reconcile(given.day or _now().date() - timedelta(days=1))
    except (Away, Refused) as error:
        _print({"away": str(error)})
        return 2
    _print(found)
    return 1 if found["left"] else 0


def _print(answer: object) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")


def _now() -> datetime:
    return datetime.now(SHANGHAI)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m adapter", description="The city's 12345 platform joined to the gateway."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="a pass every so often, and each day's reconciliation, until ended")
    commands.add_parser("pass", help="one pass")
    day = commands.add_parser("reconcile", help="compare a day on both sides, and set right what can be")
    day.add_argument("--day", type=date.fromisoformat, help="YYYY-MM-DD; yesterday if left out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
