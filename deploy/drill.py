"""A backup restored for trial, looked over, and removed: `python -m deploy.backup drill FOLDER [--keep]`.

It is restored just as in need, into a scratch folder (TMPDIR) and an embedded PostgreSQL of its own, or into databases
that are made for it on LOCAL_DRILL_SERVER and dropped again; nothing of the running set is touched. What is looked at: the
chain of the audit, every file that rows name, the rows of each table against the backup's own count, and whether the
kept keys open what is sealed.
"""

import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from pydantic import SecretStr, ValidationError
from sqlalchemy import func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from console.cli import transaction
from deploy import lastly, postgres
from deploy.backup import check_whole, lay_files, restore_database, saved_homes
from deploy.inventory import NAME, Inventory, count, hashes
from deploy.plan import CONSOLE, FILES, KEEP_FILES, LocalSettings, personal_key
from deploy.postgres import Refused
from deploy.programs import connect
from kit.audit.auditing import verify_audit
from kit.district.clock import SHANGHAI
from kit.personal import resealing
from kit.service import Service, open_database
from kit.settings import ServiceSettings
from kit.storage.files import upkeep
from kit.storage.tables import AuditRow

Say = Callable[[str], None]


@dataclass
class Drill:
    """A backup that is being looked over: where it is restored to, what it says of itself, and what is wrong with it."""

    folder: Path
    scratch: Path
    say: Say
    inventory: Inventory | None = None
    wrong: list[str] = field(default_factory=list)
    restored: float = 0


def drill(settings: LocalSettings, folder: Path, *, keep: bool = False, say: Say = print) -> bool:
    """Restore a backup for trial and look it over; whether it is whole. What is wrong is written to stderr.

    Raises: Refused where parts of the backup are missing, or no database can be had for it.
    """
    check_whole(folder)
    begun = time.monotonic()
    made = Drill(folder, Path(tempfile.mkdtemp(prefix="dongsheng-drill-")), say)
    try:
        _take_inventory(made)
        laid = time.monotonic()
        lay_files(folder, made.scratch, {})
        made.restored = time.monotonic() - laid
        homes = saved_homes(folder)
        with _databases(settings, made.scratch, homes, keep=keep) as urls:
            for name in homes:
                _look_at(made, name, urls[name])
    finally:
        if keep:
            say(f"what was restored stays in {made.scratch}")
        else:
            shutil.rmtree(made.scratch)
    _sum_up(made, time.monotonic() - begun)
    for each in made.wrong:
        print(each, file=sys.stderr)
    if not made.wrong:
        lastly.note(settings.place, "drilled", datetime.now(UTC))
    return not made.wrong


def _take_inventory(made: Drill) -> None:
    """Read what the backup says of itself, and compare its files with it."""
    try:
        inventory = made.inventory = Inventory.read(made.folder)
    except ValueError as error:
        made.wrong.append(str(error))
        return
    if inventory is None:
        return
    there = hashes(made.folder)
    for name in sorted(inventory.files.keys() | there.keys()):
        if there.get(name) != inventory.files.get(name):
            what = "is missing" if name not in there else "is not what was saved"
            made.wrong.append(f"{name} {what}")


@contextmanager
def _databases(
    settings: LocalSettings, scratch: Path, homes: Sequence[str], *, keep: bool
) -> Iterator[dict[str, URL]]:
    """An empty database for each that was saved, gone afterwards."""
    if not (server := settings.drill_server.get_secret_value()):
        with postgres.start(scratch / "postgres", 0) as embedded:
            yield {name: make_url(embedded.ensure_database(name)) for name in homes}
        return
    url, mark = make_url(server), secrets.token_hex(4)
    made = {name: f"drill_{name}_{mark}" for name in homes}
    with connect(url) as connection, ExitStack() as stack:
        for database in made.values():
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database))
            )
            if not keep:
                drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database))
                stack.callback(connection.execute, drop)
        yield {name: url.set(database=database) for name, database in made.items()}


def _look_at(made: Drill, name: str, url: URL) -> None:
    """Restore a service's database, and say how it is; what is wrong is noted, and the next one has its turn."""
    begun = time.monotonic()
    try:
        restore_database(url, made.folder / f"{name}.dump")
        seconds = time.monotonic() - begun
        with connect(url) as connection:
            rows = count(connection)
        said = asyncio.run(_check(made, name, url))
    except ValidationError as error:  # what was given is left out: it may be a secret
        made.wrong += [
            f"{name}: {each['loc'][0]}: {each['msg']}" for each in error.errors(include_input=False)
        ]
        return
    except (Refused, OSError, psycopg.Error, SQLAlchemyError) as error:
        made.wrong.append(f"{name}: {error}")
        return
    made.restored += seconds
    for table, expected in (made.inventory.rows.get(name, {}) if made.inventory else {}).items():
        if rows.get(table) != expected:
            made.wrong.append(f"{name}: {table} has {rows.get(table, 'no')} rows, it had {expected}")
    made.say(f"{name:<10} restored in {seconds:.1f} s, {sum(rows.values()):,} rows, {', '.join(said)}")


async def _check(made: Drill, name: str, url: URL) -> list[str]:
    """What is said of the data of a service, or of the console: audit, newest write, sealed values, files."""
    if name == CONSOLE:
        async with transaction(SecretStr(url.render_as_string(hide_password=False))) as session:
            return await _audited(made, name, session)
    service: Service = import_module(f"services.{name}.app").service
    settings = _settings(service, made.scratch, url)
    async with open_database(service, settings) as database, database.reading() as session:
        said = await _audited(made, name, session)
        rows = lost = 0
        async for each in resealing.sample(session, database.cipher, service.metadata):
            rows, lost = rows + each.rows, lost + each.lost
            if each.lost:
                made.wrong.append(
                    f"{name}: {each.lost} of {each.rows} rows of {each.table} open with no kept key"
                )
        said.append(f"{rows - lost} of {rows} sealed rows open")
        if service.files:
            files = await upkeep.verify(session, service.files)
            made.wrong += [f"{name}: file {digest} is missing or damaged" for digest in files.harmed]
            said.append(f"{files.files - len(files.harmed)} of {files.files} files whole")
        return said


async def _audited(made: Drill, name: str, session: AsyncSession) -> list[str]:
    audit = await verify_audit(session)
    said = [f"audit {'holds' if audit.holds else 'BROKEN'} ({audit.entries + audit.unsealed:,} entries)"]
    if not audit.holds:
        made.wrong.append(f"{name}: the audit is broken at entry {audit.broken_at}")
    if newest := await session.scalar(select(func.max(AuditRow.at))):
        said.append(f"newest write {_local(newest)}")
    return said


def _settings(service: Service, scratch: Path, url: URL) -> ServiceSettings:
    """A service's settings by what was restored. Raises OSError where its key is missing, ValidationError for what is none."""
    given: dict[str, Any] = {
        "database_url": SecretStr(url.render_as_string(hide_password=False)),
        "personal_key": SecretStr(personal_key(scratch, service.name).read_text(encoding="utf-8")),
        "token_jwks": scratch / "keys" / "jwks.json",
    }
    if service.name in KEEP_FILES:
        given["files_folder"] = scratch / FILES / service.name
    return service.settings(**given)


def _sum_up(made: Drill, whole: float) -> None:
    size = sum(path.stat().st_size for path in made.folder.rglob("*") if path.is_file())
    if made.inventory:
        hours = (datetime.now(UTC) - made.inventory.made_at).total_seconds() / 3600
        told = f"of {_local(made.inventory.made_at)}, {hours:.1f} h old"
    else:
        told = f"without {NAME}, so that neither rows nor hashes were compared"
    made.say(f"{'backup':<10} {size / 1e6:,.1f} MB, {told}")
    outcome = f"{len(made.wrong)} wrong" if made.wrong else "whole"
    made.say(
        f"{'drill':<10} restored in {made.restored:.1f} s, checked in {whole - made.restored:.1f} s: {outcome}"
    )


def _local(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
