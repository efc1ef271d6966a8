"""python -m deploy.problems [--check]: docs/problems.md, from the lists that the services answer.

With --check it fails where the page is not what the lists say.
"""

import argparse
import sys
from importlib import import_module

from deploy.plan import ROOT, SERVICES
from kit.service import Service
from kit.web.problem_types import COMMON, ProblemType, read

PAGE = ROOT / "docs" / "problems.md"
GATEWAY = ROOT / "gateway" / "problems.yaml"
HEADING = """\
# Problems

Every `type` of a problem+json answer (RFC 9457), as `urn:dongsheng:problem:` and the name below. The gateway has a page for
each, `/problems/{name}` (HTML, or JSON for whoever accepts that), to which every such answer links (`Link: …; rel="type"`);
`GET /{service}/v1/problems` lists those of a service. Made by `make docs` from kit/web/problems.yaml,
services/*/plan/problems.yaml and gateway/problems.yaml; a test finds a type that is raised and not listed here,
or listed and raised by nobody.
"""


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.problems", description="Write docs/problems.md.")
    parser.add_argument("--check", action="store_true", help="fail where the page is out of date")
    made = page()
    if not parser.parse_args().check:
        PAGE.write_text(made, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made:
        sys.exit("docs/problems.md is out of date: run make docs")


def page() -> str:
    """The page as it should be."""
    common = read(COMMON)
    parts = [HEADING, _part("Every service", common)]
    for name in SERVICES:
        service: Service = import_module(f"services.{name}.app").service
        own = tuple(each for each in service.problem_types if each not in common)
        parts.append(_part(f"`{name}`", own))
    parts.append(_part("`gateway`", read(GATEWAY)))
    return "\n".join(part for part in parts if part)


def _part(heading: str, types: tuple[ProblemType, ...]) -> str:
    if not types:
        return ""
    rows = (f"| `{each.slug}` | {each.status} {each.title} | {each.when} | {each.do} |" for each in types)
    return "\n".join(
        [f"## {heading}", "", "| type | status | when | what to do |", "|---|---|---|---|", *rows, ""]
    )


if __name__ == "__main__":
    main()
