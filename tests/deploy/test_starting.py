"""A process starts without what it may never need."""

import gc
import os
import subprocess
import sys

import pytest

from deploy.plan import ROOT, SERVICES
from kit.starting import uncollected

#: Libraries that take their time or memory, each for few requests or for a setting.
RARE = {
    "alembic",
    "authlib",
    "docx",
    "fastapi_offline",
    "httpx2",
    "icalendar",
    "jsonschema",
    "lxml",
    "obstore",
    "opentelemetry.sdk",
    "openpyxl",
    "pypinyin",
    "segno",
    "xlsxwriter",
}
SETTINGS = {
    "DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/nothing",
    "PERSONAL_KEY": "A" * 43 + "=",
    "TOKEN_JWKS": "nothing.json",
    "FILES_FOLDER": "nothing",
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_s_whole_api_is_made_without_libraries_that_are_rarely_used(name, tmp_path):
    settings = {f"{name.upper()}_{key}": value for key, value in SETTINGS.items()}
    imported = imports(f"services.{name}", "openapi", cwd=tmp_path, settings=settings)
    assert f"services.{name}.app" in imported
    assert imported & RARE == set()


def test_the_gateway_does_without_them(tmp_path):
    imported = imports("gateway", "--help", cwd=tmp_path, settings={})
    assert "gateway.app" in imported
    assert imported & RARE <= {
        "fastapi_offline",
        "httpx2",
    }  # it shows the one's files, and asks services by the other


def test_the_pages_of_the_console_do_without_them(tmp_path):
    imported = imports("console.app", cwd=tmp_path, settings={})
    assert "console.pages.sign_in_provider" in imported
    assert imported & RARE == set()


def imports(module, *arguments, cwd, settings):
    """Every module that a command imports."""
    command = [sys.executable, "-X", "importtime", "-m", module, *arguments]
    run = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    told = [line for line in run.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in told}


def test_nothing_is_collected_while_a_process_imports_and_all_is_afterwards():
    before = gc.get_freeze_count()
    try:
        with pytest.raises(KeyError), uncollected():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled()
        assert gc.get_freeze_count() > before  # what stood there is not looked at again
    finally:
        gc.unfreeze()
