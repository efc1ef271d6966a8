"""python -m deploy.ownership [--check]: docs/ownership.md, from what the operations declare.

With --check it fails where the page is not what the declarations say.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.clauses import openapi_documents
from deploy.plan import ROOT
from kit.web.ownership import Whose

PAGE = ROOT / "docs" / "ownership.md"
METHODS = ("get", "post", "put", "patch", "delete")
HEADING = """\
# Who may touch what

A token says who calls (client, unit), what it may do at all (scopes), and whom it is limited to: nobody, a street or
town (`division`), or a company (`company`, its unified social credit code). What an operation touches belongs to
somebody, and its declaration (`requires(…, whose=…)`) says to whom. `kit/web/ownership.py` decides alone; an endpoint
that does not ask whose its thing is is not answered; a test calls every operation as another street, another company,
another unit, another client and a platform, and finds 403 or 404. Made by `make docs`.

What is not the caller's is answered like what does not exist (404); a request that names another street, or that a
limited token may never make, 403. What has no street and no company is the district's. Lists show what the caller may
read, nothing else, so that a street's list is its own part of the district's.

| Whose | Limited to a street or town | Limited to a company | Besides |
|---|---|---|---|
| 公开 | reads | reads | reference data, issued warnings |
| 全区 | reads | nothing | the district's registers and figures |
| 全区汇总 | nothing | nothing | the change feed and the audit, which hold everybody's |
| 属地和企业 | its own; reads what has no street | its own | numbers in full only of one's own |
| 承办单位 | its own | its own | only its unit, or who acts for it (`dispatch:any-unit`; for tasks 区指挥部办公室) |
| 登记的客户端 | its own | its own | only the client that made it |
"""


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.ownership", description="Write docs/ownership.md."
    )
    parser.add_argument("--check", action="store_true", help="fail where the page is out of date")
    made = page(openapi_documents())
    if not parser.parse_args().check:
        PAGE.write_text(made, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made:
        sys.exit("docs/ownership.md is out of date: run make docs")


def page(documents: Mapping[str, Mapping[str, Any]]) -> str:
    """The page as it should be, from each service's OpenAPI document."""
    return "\n".join([HEADING, *(_part(name, document) for name, document in documents.items())])


def _part(name: str, document: Mapping[str, Any]) -> str:
    rows = [
        f"| `{method.upper()} {path}` {operation['summary']} | {Whose[operation['x-whose'].upper()].zh} | {_who(operation)} |"
        for method, path, operation in _operations(document)
    ]
    head = [f"## `{name}`", "", "| Operation | Whose | Who may |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if "x-whose" in item.get(method, {}):
                yield method, path, item[method]


def _who(operation: Mapping[str, Any]) -> str:
    """The scopes of a token that may, each way on its own."""
    ways = [[scope for scopes in each.values() for scope in scopes] for each in operation["security"]]
    return "<br>or ".join(" ".join(f"`{scope}`" for scope in way) for way in ways)


if __name__ == "__main__":
    main()
