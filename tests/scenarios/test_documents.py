"""The commands in the documents work when they are pasted."""

import re
import shutil
from pathlib import Path

import pytest

from tests.scenarios.district import ROOT, District
from tests.scenarios.walkthrough import commands, walk

pytestmark = pytest.mark.processes

PAGES = sorted(
    page.relative_to(ROOT) for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")) if commands(page)
)


FIRST_PAGES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_commands_of_a_page_work(district: District, page: Path) -> None:
    if shutil.which("curl") is None or shutil.which("make") is None:
        pytest.skip("takes curl and make")
    done = walk(ROOT / page, district.folder, district.environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    if str(page) in FIRST_PAGES:
        assert_whole_way(done.stdout)
        assert (district.var / "coverage.xlsx").read_bytes().startswith(b"PK")


def assert_whole_way(printed: str) -> None:
    """A survey was checked, handed in and counted, a wrong one refused, and a call seen through."""
    for expected in (
        '"dry_run":true',
        '"dry_run":false',
        "旱台镇",
        '"measure":"coverage_rate"',
        '"state":"accepted"',
    ):
        assert expected in printed
    assert '"state":"closed"' in printed.splitlines()[-1]


def test_the_first_pages_tell_the_same_in_both_languages() -> None:
    one, other = (re.sub(r" +#.*", "", commands(ROOT / page)) for page in FIRST_PAGES)
    assert one == other


def test_a_page_that_breaks_is_found_out(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n```sh\nNAME=one\nfalse | cat\n```\n```console\n$ exit 7\n```\n```sh\necho $NAME\n```\n"
    )
    assert commands(page) == "NAME=one\nfalse | cat\n\necho $NAME\n"
    assert walk(page, tmp_path, {"PATH": "/usr/bin:/bin"}).returncode == 1
