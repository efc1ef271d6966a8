"""A backup of the running set brings everything back in a cluster of its own."""

import asyncio

import psycopg
import pytest
from pydantic import SecretStr

from deploy import backup, postgres
from deploy.plan import SERVICES, LocalSettings
from deploy.postgres import Refused
from kit.audit.auditing import verify_audit
from kit.events.feed import feed
from kit.service import open_database
from kit.storage.files.folder import Folder
from services.property.app import service
from tests.scenarios.district import free_ports

pytestmark = pytest.mark.processes

CALL = {
    "matter": "property-service",
    "summary": "楼道灯不亮",
    "division": "天骄街道",
    "citizen": {"name": "张先生", "phone": "13800001234"},
}

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)


def test_what_was_saved_is_restored_and_its_events_are_read_again_before_new_ones(
    district, tmp_path, monkeypatch
):
    with district.client("hotline") as hotline:
        number = hotline.post("/dispatch/v1/requests", json=CALL).json()["number"]
    kept = _keep_a_file(district.var / "files" / "lawstudy")
    backup.save(LocalSettings(folder=district.var), tmp_path / "backup")
    with pytest.raises(Refused, match="is there already"):
        backup.save(LocalSettings(folder=district.var), tmp_path / "backup")

    monkeypatch.setattr(backup, "MARGIN", 1000)
    place = LocalSettings(folder=tmp_path / "restored", postgres_port=free_ports(1)[0])
    backup.restore(place, tmp_path / "backup")
    with pytest.raises(Refused, match="has data already"):
        backup.restore(place, tmp_path / "backup")

    files = place.place / "files" / "lawstudy"
    assert [file.name for file in files.rglob("*") if file.is_file()] == [kept]
    opened = asyncio.run(Folder(files).open(kept))
    with opened.file:
        assert opened.file.read() == PICTURE

    with postgres.start(place.place / "postgres", 0) as server:
        url = server.url("property", "property")
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as database:
            events = [id for (id,) in database.execute("SELECT event_id FROM events ORDER BY xid, id")]
        key = (place.place / "secrets" / "property.personal-key").read_text()
        read, holds, phone = asyncio.run(_look(url, key, number))
    assert read == events
    assert events
    assert holds
    assert phone == "13800001234"


def _keep_a_file(folder):
    """Its hash; beside it lies what somebody is still writing."""
    kept = asyncio.run(Folder(folder).keep(_in_one_part(), limit=1000, kinds=["png"]))
    (folder / "new" / "half").write_bytes(b"half")
    return kept.sha256


async def _in_one_part():
    yield PICTURE


async def _look(url, key, number):
    settings = service.settings(database_url=SecretStr(url), personal_key=SecretStr(key), token_jwks="unused")
    statement = "SELECT citizen_phone FROM dispatch_requests WHERE number = %s"
    async with open_database(service, settings) as database:
        async with database.transaction() as session:
            holds = (await verify_audit(session)).holds
        async with database.transaction() as session:
            read = [row.event_id for row in await feed(session, ("0", 0), 100_000)]
            connection = await session.connection()
            sealed = (await connection.exec_driver_sql(statement, (number,))).scalar_one()
            return read, holds, database.cipher.open(sealed)


def test_a_backup_that_lacks_a_part_is_refused_before_anything_is_restored(tmp_path):
    (tmp_path / "backup").mkdir()
    for name in list(SERVICES)[1:]:
        (tmp_path / "backup" / f"{name}.dump").touch()
    with pytest.raises(Refused, match=r"lacks keys, secrets, property\.dump"):
        backup.restore(LocalSettings(folder=tmp_path / "var"), tmp_path / "backup")
    assert not (tmp_path / "var").exists()
