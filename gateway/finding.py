"""Operations are found by what people call them: the list of services, and those in which every word is said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from gateway.openapi import METHODS, Document


@dataclass(frozen=True, slots=True)
class Found:
    """An operation as a reader of the documentation sees it; link: where it is shown."""

    service: str
    tag: str
    method: str
    path: str
    summary: str
    link: str


def find(documents: Mapping[str, Document], words: list[str]) -> list[Found]:
    """The operations that say every word, in the order of their documents; those that say them in their name first."""
    sought = [word.lower() for word in words]
    named, others = list[Found](), list[Found]()
    for service, document in documents.items():
        for path, method, operation in _operations(document):
            shown = _found(service, document, path, method, operation)
            name = f"{shown.summary} {shown.tag} {path}".lower()
            if all(word in name for word in sought):
                named.append(shown)
            elif all(word in f"{name} {_said(operation)}".lower() for word in sought):
                others.append(shown)
    return named + others


def listing(documents: Mapping[str, Document]) -> str:
    """The services with what they are and their tags in the users' order, as HTML."""
    return "".join(_service(name, document) for name, document in documents.items())


def _operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def _said(operation: Document) -> str:
    return " ".join(
        (operation.get("description", ""), operation["operationId"], *operation.get("x-clauses", ()))
    )


def _found(service: str, document: Document, path: str, method: str, operation: Document) -> Found:
    tag = operation["tags"][0]
    link = _link(service, tag, operation["operationId"])
    return Found(document["info"]["title"], tag, method.upper(), path, operation.get("summary", path), link)


def _link(service: str, *place: str) -> str:
    return f"/docs/{service}#/" + "/".join(quote(part, safe="") for part in place)


def _service(name: str, document: Document) -> str:
    count = sum(1 for _ in _operations(document))
    said = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    tags = dict.fromkeys(operation["tags"][0] for _, _, operation in _operations(document))
    rows = "".join(
        f'<tr><th scope="row"><a href="{escape(_link(name, tag))}">{escape(tag)}</a></th>'
        f"<td>{escape(said.get(tag, ''))}</td></tr>"
        for tag in tags
    )
    title = escape(document["info"]["title"])
    return (
        f'<h2><a href="/docs/{name}">{title}</a></h2>'
        f"<p>{escape(document['info'].get('description', ''))}共 {count} 个接口，"
        f'<a href="/docs/{name}/openapi.json">文档</a>。</p>'
        f'<table class="facts"><tbody>{rows}</tbody></table>'
    )
