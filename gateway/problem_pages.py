"""`/problems/{name}`: what a type of problem means and what to do about it, from the lists of the services themselves."""

from collections.abc import Callable, Iterator
from html import escape
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from gateway.documents import Documents
from gateway.limits import Limiter, address
from gateway.openapi import Document
from gateway.services import down
from kit.web import printing
from kit.web.problems import PAGES, TYPE_PREFIX, NotFound

_SHOWN = {"Cache-Control": "public, max-age=300", "Vary": "Accept"}
_PARTS = ("status", "title", "when", "do")


def router(documents: Callable[[], Documents], limiter: Limiter) -> APIRouter:
    """The pages, for everybody, as often as the limiter lets an address: HTML, and JSON for whoever asks for it."""
    routes = APIRouter(include_in_schema=False)

    async def known(request: Request) -> tuple[dict[str, list[Document]], list[str]]:
        request.state.quota = limiter.admit(address(request))
        each = await documents().each()
        return meanings({name: made for name, made in each.items() if made}), [
            name for name, made in each.items() if made is None
        ]

    @routes.get(PAGES)
    async def list_problems(request: Request) -> Response:
        found, missing = await known(request)
        if _wants_json(request):
            listed = [{"type": TYPE_PREFIX + slug, "meanings": found[slug]} for slug in sorted(found)]
            return JSONResponse({"problems": listed, "missing": missing}, headers=_SHOWN)
        return _page("错误类型", _list(found), _silent(missing))

    @routes.get(f"{PAGES}/")
    async def without_slash() -> Response:
        return RedirectResponse(PAGES, 308)

    @routes.get(PAGES + "/{slug}")
    async def read_problem(slug: str, request: Request) -> Response:
        if slug.startswith(TYPE_PREFIX):
            return RedirectResponse(f"{PAGES}/{quote(slug.removeprefix(TYPE_PREFIX))}", 308)
        found, missing = await known(request)
        if slug not in found and missing:
            raise down(*missing)
        if slug not in found:
            raise NotFound("no-such-problem", f"没有名为 {slug} 的错误类型，全部类型见 {PAGES}。")
        if _wants_json(request):
            return JSONResponse({"type": TYPE_PREFIX + slug, "meanings": found[slug]}, headers=_SHOWN)
        return _page(found[slug][0]["title"], *_explained(slug, found[slug]))

    return routes


def meanings(documents: dict[str, Document]) -> dict[str, list[Document]]:
    """What each type means, by its name; once for all services that mean the same by it, with their titles."""
    found: dict[str, list[Document]] = {}
    for document in documents.values():
        title = document["info"]["title"]
        for listed in document.get("x-problem-types", ()):
            meaning = {part: listed[part] for part in _PARTS}
            known = found.setdefault(listed["type"].removeprefix(TYPE_PREFIX), [])
            same = [each for each in known if meaning.items() <= each.items()]
            if same:
                same[0]["services"].append(title)
            else:
                known.append({**meaning, "services": [title]})
    return found


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "json" in accepted and "text/html" not in accepted


def _page(title: str, *parts: str) -> Response:
    answer = printing.answer(title, *parts)
    answer.headers.update(_SHOWN)
    return answer


def _list(found: dict[str, list[Document]]) -> str:
    rows = "".join(
        f'<tr><td><a href="{PAGES}/{escape(slug)}">{escape(slug)}</a></td>'
        f"<td>{each['status']} {escape(each['title'])}</td><td>{escape(each['when'])}</td><td>{escape(each['do'])}</td></tr>"
        for slug in sorted(found)
        for each in found[slug]
    )
    heads = "".join(
        f'<th scope="col">{each}</th>' for each in ("类型", "状态码", "什么时候出现", "应当怎么做")
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _silent(missing: list[str]) -> str:
    told = f"下列服务目前没有应答，其错误类型未列出：{'、'.join(missing)}。"
    return printing.paragraph(told, "missed") if missing else ""


def _explained(slug: str, found: list[Document]) -> Iterator[str]:
    for each in found:
        yield printing.facts(
            (
                ("错误类型", TYPE_PREFIX + slug),
                ("HTTP 状态码", str(each["status"])),
                ("什么时候出现", each["when"]),
                ("应当怎么做", each["do"]),
                ("哪些服务", "、".join(each["services"])),
            )
        )
    yield printing.paragraph(
        "具体原因见该次应答的 detail，逐项错误见 errors；联系管理员时请提供 X-Request-ID。"
    )
    yield f'<p><a href="{PAGES}">全部错误类型</a>　<a href="/docs">接口文档</a></p>'
