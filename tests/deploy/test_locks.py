"""What is installed in the image is what the tests ran on."""

import re
import tomllib

import pytest

from deploy.plan import ROOT


def pinned(name):
    """The lines of a lock by distribution: its version, marker and hashes."""
    blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text())
    return {block.partition("==")[0]: block.rstrip() for block in blocks}


@pytest.mark.parametrize("lock", ["deploy/requirements.lock", "deploy/backend.lock"])
def test_the_images_locks_are_part_of_the_lock_that_the_tests_ran_on(lock):
    whole, image = pinned("requirements.lock"), pinned(lock)
    assert {name: whole.get(name) for name in image} == image


def test_what_only_developers_need_is_not_in_the_image():
    image = pinned("deploy/requirements.lock")
    assert {"fastapi", "sqlalchemy", "psycopg"} <= set(image)
    assert not {"pytest", "mypy", "ruff", "moto", "schemathesis", "hatchling"} & set(image)


def test_what_the_tests_in_a_browser_need_beside_changes_nothing_of_the_lock():
    whole, beside = pinned("requirements.lock"), pinned("tests/browser/requirements.lock")
    assert "playwright" in set(beside) - set(whole)
    assert {name: whole[name] for name in beside if name in whole} == {
        name: block for name, block in beside.items() if name in whole
    }


def test_the_image_is_built_from_every_package_of_the_wheel() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]["packages"]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(packages) <= let_in
