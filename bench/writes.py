"""Listing and registering companies against Django REST framework, on the same PostgreSQL in the same run.

    python -m bench.writes [--rounds 3] [--seconds 3] [--check]

Ours is the property service as it ships: one process for the API, one for the jobs, a signed token with every
request, and a subscriber that is told of every company. Theirs (bench/reference.py) is one worker of gunicorn with
four threads that keep their connections; it has no sign-in, events or audit. Needs wrk and .venv-bench, which
`make bench` installs; without them it says so and is done. Rounds are interleaved, and ours has delivered its
events before theirs has its turn. Afterwards every company that was promised must be found in the table, in the
events, in the audit and with the subscriber.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import Any, LiteralString
from urllib.parse import urljoin
from urllib.request import urlopen

import psycopg
from sqlalchemy.engine import make_url
from stdnum.cn import uscc

from bench.command import run
from bench.gateway import Measured, asgi, keys_and_token, wrk
from bench.processes import free_ports, running
from deploy import postgres
from deploy.kept import random_key, random_webhook_secret

#: What is promised: our share of the reference, and what is left of our rate when the writers are doubled.
LIST, CREATE, DOUBLED = 1.5, 1.0, 0.95
LISTED = 2000
WRITERS = 16
_TOOLS = Path(__file__).parents[1] / ".venv-bench"
#: Codes made for each second of a run; wrk stops with an error where they do not last.
_FASTEST = 4000
#: Seconds until the subscriber must have been told.
_PATIENCE = 60
_SCRIPT = """
local codes = {{}}
for code in ([[{codes}]]):gmatch("%S+") do codes[#codes + 1] = code end
local at = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
function request()
  at = at + 1
  local code = codes[at]
  {key}
  return wrk.format(nil, nil, nil, '{{"name":"测速物业服务有限公司' .. code .. '","uscc":"' .. code .. '"}}')
end
"""
_COMMAND = [sys.executable, "-m", "services.property"]
_TO_TELL: LiteralString = "SELECT count(*) FROM events WHERE type = 'property.company.registered'"
_AUDITED: LiteralString = "SELECT count(*) FROM audit WHERE action = 'property.company.registered'"
_KEPT: LiteralString = "SELECT count(*) FROM idempotency_keys JOIN companies ON uscc = key WHERE status = 201"
_WITH_KEY = """wrk.headers["Idempotency-Key"] = code"""


@dataclass(frozen=True)
class Figures:
    """Ours by theirs: a list, a creation, one with an Idempotency-Key; and ours by ours with doubled writers."""

    listed: float
    created: float
    created_with_key: float
    doubled: float

    def broken(self) -> list[str]:
        """What is less than promised."""
        found = [
            (self.listed < LIST, f"a list does less than {LIST} of the reference"),
            (self.created < CREATE, f"creating does less than {CREATE} of the reference"),
            (self.doubled < DOUBLED, f"doubled writers leave less than {DOUBLED} of creating"),
        ]
        return [text for is_broken, text in found if is_broken]


@dataclass
class Side:
    """A service under load: where it answers, its database, and what has been asked of it."""

    url: str
    database: psycopg.Connection[Any]
    token: str | None = None
    answered: int = 0
    #: What wrk may have left unanswered at the ends of its runs: made true all the same.
    cut_off: int = 0

    def list(self, seconds: int) -> Measured:
        """A page of 50, again and again."""
        return wrk(self.url, WRITERS, seconds, self.token)

    def create(self, script: Path, connections: int, seconds: int) -> Measured:
        """Companies, one after another."""
        measured = wrk(self.url, connections, seconds, self.token, script)
        self.answered += measured.answered
        self.cut_off += connections
        return measured

    def count(self, query: LiteralString) -> int:
        """What a query counts."""
        row = self.database.execute(query).fetchone()
        assert row is not None
        return int(row[0])

    def created(self) -> int:
        """Companies beside those that were there to be listed."""
        return self.count("SELECT count(*) FROM companies") - LISTED


@dataclass
class Ours(Side):
    """The property service, with its environment for commands and the address of its subscriber."""

    environment: dict[str, str] = field(default_factory=dict)
    receiver: str = ""
    #: How many events a second went to the subscriber, from the first answer of each run to the last event.
    delivered: list[float] = field(default_factory=list)

    def create(self, script: Path, connections: int, seconds: int) -> Measured:
        """As any side; then wait until the subscriber has been told."""
        before, started = self.told(), time.monotonic()
        measured = super().create(script, connections, seconds)
        while self.count(_TO_TELL) > self.told():
            if time.monotonic() > started + seconds + _PATIENCE:
                sys.exit(f"the subscriber has {self.told()} of {self.count(_TO_TELL)} events")
            time.sleep(0.05)
        self.delivered.append((self.told() - before) / (time.monotonic() - started))
        return measured

    def told(self) -> int:
        """How many different events the subscriber has."""
        return int(_get(self.receiver))

    def accepted(self) -> int:
        """How many creations the service itself counts as accepted."""
        found = re.search(
            rb'http_requests_total\{.*path="[^"]*/companies",status="201"\} (\S+)',
            _get(urljoin(self.url, "/metrics")),
        )
        return int(float(found[1])) if found else 0

    def verified(self) -> int:
        """How many entries of the audit the service's own check finds right, all or none of them wrong."""
        return int(json.loads(_run([*_COMMAND, "verify"], self.environment).splitlines()[-1])["entries"])


Runs = dict[str, list[Measured]]


def main() -> None:
    """Run from the command line."""
    run("Companies against Django REST framework.", measure, rounds=3, seconds=3)


def measure(rounds: int, seconds: int) -> Figures | None:
    """Measure, check what was promised, and print; None where it was skipped."""
    missing = [] if shutil.which("wrk") else ["wrk cannot be found (apt-get install wrk)"]
    missing += [] if (_TOOLS / ".ok").exists() else ["Django REST framework is not installed (make bench)"]
    if missing:
        print(f"\nwrites: skipped, as {' and '.join(missing)}")
        return None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dongsheng-bench-")))
        folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
        server = stack.enter_context(postgres.start(folder / "postgres", 0))
        ours = _ours(stack, folder, server.ensure_database("property"))
        theirs = _theirs(stack, server.ensure_database("reference"))
        runs = _rounds(folder, ours, theirs, rounds, seconds)
        figures = Figures(
            _ratio(runs, "our list", "their list"),
            _ratio(runs, "our create", "their create"),
            _ratio(runs, "our create with key", "their create"),
            _ratio(runs, "our create doubled", "our create"),
        )
        _print(runs, figures, rounds, seconds)
        _check_promises(ours, theirs)
    return figures


def _rounds(folder: Path, ours: Side, theirs: Side, rounds: int, seconds: int) -> Runs:
    codes = valid_codes()
    for side in (ours, theirs):
        _fill(side, islice(codes, LISTED))
    keyless, keyed = folder / "create.lua", folder / "keyed.lua"

    def create(
        side: Side, *, writers: int = WRITERS, script: Path = keyless, last: int = seconds
    ) -> Measured:
        """Create companies that nobody has created before."""
        listed = " ".join(islice(codes, last * _FASTEST))
        script.write_text(_SCRIPT.format(codes=listed, key=_WITH_KEY if script is keyed else ""))
        return side.create(script, writers, last)

    lists: dict[str, Callable[[], Measured]] = {
        "our list": lambda: ours.list(seconds),
        "their list": lambda: theirs.list(seconds),
    }
    creations: dict[str, Callable[[], Measured]] = {
        "our create": lambda: create(ours),
        "their create": lambda: create(theirs),
        "our create doubled": lambda: create(ours, writers=2 * WRITERS),
        "their create doubled": lambda: create(theirs, writers=2 * WRITERS),
        "our create with key": lambda: create(ours, script=keyed),
    }
    runs: Runs = {name: [] for name in lists | creations}
    for side in (ours, theirs):
        side.list(1)  # nobody is measured cold
    for _ in range(rounds):
        for name, ask in lists.items():
            runs[name].append(ask())
    for side in (ours, theirs):
        create(side, last=1)
    for _ in range(rounds):
        for name, ask in creations.items():
            runs[name].append(ask())
    return runs


def valid_codes() -> Iterator[str]:
    """Valid unified social credit codes, each once."""
    for number in count():
        body = f"91150602{number:09}"
        yield body + uscc.calc_check_digit(body)


def _fill(side: Side, codes: Iterable[str]) -> None:
    """Put the companies to be listed into the table."""
    columns: LiteralString = "created_at"
    values: LiteralString = "now()"
    if isinstance(side, Ours):
        columns, values = (
            "entered_at, changed_at, version, name_key, name_like, found_by",
            "now(), now(), 1, '测速' || code, '测速' || code, ARRAY['测速' || code]",
        )
    side.database.execute(
        f"INSERT INTO companies (id, name, uscc, {columns})"
        f" SELECT gen_random_uuid(), '测速' || code, code, {values} FROM unnest(%s::text[]) AS code",
        [list(codes)],
    )
    side.database.execute("VACUUM (ANALYZE) companies")


def _ours(stack: ExitStack, folder: Path, url: str) -> Ours:
    """The property service with its worker and a subscriber, on a new database."""
    port, receiving = free_ports(2)
    token = keys_and_token(folder)
    receiver = f"http://127.0.0.1:{receiving}/"
    subscriber = {"name": "bench", "url": receiver, "secret": random_webhook_secret(), "types": ["*"]}
    environment = {
        "PROPERTY_PORT": str(port),
        "PROPERTY_DATABASE_URL": url,
        "PROPERTY_PERSONAL_KEY": random_key(),
        "PROPERTY_TOKEN_JWKS": str(folder / "jwks.json"),
        "PROPERTY_SUBSCRIBERS": json.dumps([subscriber]),
    }
    for step in ("migrate", "load"):
        _run([*_COMMAND, step], environment)
    stack.enter_context(running(asgi("bench.receiver:app", receiving), receiving))
    stack.enter_context(running([*_COMMAND, "serve"], port, environment))
    stack.enter_context(running([*_COMMAND, "worker"], None, environment))
    address = f"http://127.0.0.1:{port}/property/v1/companies"
    return Ours(address, _connected(stack, url), token, environment=environment, receiver=receiver)


def _theirs(stack: ExitStack, url: str) -> Side:
    """The reference under gunicorn, on a new database."""
    (port,) = free_ports(1)
    parts = make_url(url)
    database = {
        "NAME": parts.database,
        "USER": parts.username,
        "PASSWORD": parts.password,
        "HOST": parts.host,
        "PORT": parts.port,
    }
    environment = {"REFERENCE_DATABASE": json.dumps(database)}
    python = str(_TOOLS / "bin" / "python")
    _run([python, "-m", "bench.reference"], environment)
    options = ["--workers", "1", "--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
    options += ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    stack.enter_context(
        running([python, "-m", "gunicorn", *options, "bench.reference:application"], port, environment)
    )
    return Side(f"http://127.0.0.1:{port}/companies", _connected(stack, url))


def _connected(stack: ExitStack, url: str) -> psycopg.Connection[Any]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return stack.enter_context(psycopg.connect(plain, autocommit=True))


def _run(command: list[str], environment: dict[str, str]) -> str:
    """What a command prints; ends the program where it fails."""
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{command!r} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def _get(url: str) -> bytes:
    with urlopen(url, timeout=30) as answer:
        body: bytes = answer.read()
    return body


def _check_promises(ours: Ours, theirs: Side) -> None:
    """End the program unless what was answered is true, no more and no less."""
    created, accepted = ours.created(), ours.accepted()
    told = {
        "events": ours.count(_TO_TELL),
        "audit entries": ours.count(_AUDITED),
        "deliveries": ours.told(),
        "answers 201 by the service's own count": accepted,
    }
    wrong = [f"{number} {name}" for name, number in told.items() if number != created]
    if wrong:
        sys.exit(f"{created} companies were created, but there are {' and '.join(wrong)}")
    if (verified := ours.verified()) != (entries := ours.count("SELECT count(*) FROM audit")):
        sys.exit(f"the audit has {entries} entries, of which {verified} are found right")
    if (keys := ours.count("SELECT count(*) FROM idempotency_keys")) != (kept := ours.count(_KEPT)):
        sys.exit(f"{keys} keys are kept, but {kept} with the company that they made")
    for side in (ours, theirs):
        if not side.answered <= side.created() <= side.answered + side.cut_off:
            sys.exit(f"{side.url}: {side.answered} answers, but {side.created()} companies")
    print(f"\nOurs: {created:,} companies, as many events, audit entries and deliveries; the audit holds.")
    print(f"The subscriber was told of {median(ours.delivered):,.0f} a second, API under load and after.")


def _ratio(runs: Runs, one: str, other: str) -> float:
    """The median over the rounds, as the two of one round met the same load."""
    return median(a.rate / b.rate for a, b in zip(runs[one], runs[other], strict=True))


def _print(runs: Runs, figures: Figures, rounds: int, seconds: int) -> None:
    lines = {
        "list of 50": ("our list", "their list", figures.listed),
        "create": ("our create", "their create", figures.created),
        "create with Idempotency-Key": ("our create with key", "their create", figures.created_with_key),
        "create, writers doubled": (
            "our create doubled",
            "their create doubled",
            _ratio(runs, "our create doubled", "their create doubled"),
        ),
    }
    print(f"\nCompanies, medians of {rounds} interleaved rounds of {seconds} s, {WRITERS} connections\n")
    print(f"| {'':27} | {'ours':>9} | {'p50':>9} | {'reference':>9} | {'p50':>9} | {'ratio':>5} |")
    print(f"|{'-' * 29}|{'-' * 10}:|{'-' * 10}:|{'-' * 10}:|{'-' * 10}:|{'-' * 6}:|")
    for name, (one, other, ratio) in lines.items():
        cells = " | ".join(
            f"{median(run.rate for run in runs[which]):>7,.0f}/s | "
            f"{median(run.latency for run in runs[which]):>6,.0f} ms"
            for which in (one, other)
        )
        print(f"| {name:27} | {cells} | {ratio:>5.2f} |")
    print(f"\nOurs with {2 * WRITERS} writers does {figures.doubled:.2f} of ours with {WRITERS}.")


if __name__ == "__main__":
    main()
