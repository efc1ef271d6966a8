"""Every type of problem is listed where its service lists them, with its status; nothing else is listed."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from kit.web import problems
from kit.web.problem_types import COMMON, read
from kit.web.problems import KINDS, Problem
from tests.contract.documents import CHINESE, NAMES

KIND_BY_NAME = {kind.__name__: kind for kind in KINDS.values()}


def raised(folder: str) -> Iterator[tuple[str, int, Path]]:
    """(type, status, file) of every problem that the code of a folder makes."""
    for file in Path(folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            slug = node.args[0]
            if name in KIND_BY_NAME:
                assert isinstance(slug, ast.Constant), f"{file}:{node.lineno}: a type is a literal"
                yield slug.value, KIND_BY_NAME[name].status, file


def listed(*files: Path) -> dict[str, int]:
    return {each.slug: each.status for each in read(*files)}


GATEWAY = Path("gateway/problems.yaml")


@pytest.mark.parametrize(
    ("folder", "own"),
    [
        *((f"services/{name}", Path(f"services/{name}/plan/problems.yaml")) for name in NAMES),
        ("gateway", GATEWAY),
    ],
)
def test_what_is_raised_is_listed_with_its_status_and_what_is_listed_is_raised(folder, own):
    known = listed(COMMON, own)
    found = {slug: status for slug, status, _ in raised(folder)}
    assert {slug: known.get(slug) for slug in found} == found
    assert listed(own).keys() <= found.keys(), "nobody raises the others"
    assert not listed(own).keys() & listed(COMMON).keys()


def test_the_kit_s_own_are_listed_with_their_status_and_somebody_raises_them():
    found = {slug: status for slug, status, _ in raised("kit")}
    everywhere = found | {slug: status for name in NAMES for slug, status, _ in raised(f"services/{name}")}
    known = listed(COMMON)
    assert {slug: known.get(slug) for slug in found} == found
    assert known.keys() <= everywhere.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_service_lists_its_types_for_everybody(name, serve):
    service = import_module(f"services.{name}.app").service
    types = serve(service).http.get(f"/{name}/v1/problems").json()
    assert len(types) == len(service.problem_types) > 30
    for each in types:
        assert re.fullmatch(problems.TYPE_PREFIX + "[a-z][a-z0-9-]+", each["type"])
        assert all(CHINESE.search(each[part]) for part in ("title", "when", "do")), each


@pytest.mark.parametrize("name", NAMES)
def test_a_problem_of_a_service_links_to_what_it_means_there_too(name, serve):
    there = serve(import_module(f"services.{name}.app").service).http
    refused = there.get(f"/{name}/v1/dispatch/matters")
    assert refused.status_code == 401
    meaning = there.get(refused.links["type"]["url"])
    assert (meaning.status_code, meaning.json()["type"]) == (200, refused.json()["type"])
    assert there.get("/problems/full-moon").json()["type"] == "urn:dongsheng:problem:no-such-problem"


def test_every_kind_of_problem_has_a_status_of_its_own():
    kinds = [kind for kind in Problem.__subclasses__() if kind.__module__ == problems.__name__]
    assert len({kind.status for kind in kinds}) == len(kinds) == len(KINDS)
