"""Pages as an application: who may see them, what they show, what their forms do, and what is said where that fails."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from console.people import sessions
from console.people.sessions import Seat
from console.people.under_way import LASTS
from console.web import filed
from console.web.page import Context, Elsewhere, Given, NoSuch, Page, Where, Wrong
from console.web.view import SESSION, UNDER_WAY, Console, View, local
from kit.logs import log
from kit.web.downloads import download

#: What a board says of a request that it makes by itself: it is no act of the person's.
REFRESH: Final = "x-refresh"
OWN_PASSWORD: Final = "/password"  # noqa: S105 - an address
SIGN_IN: Final = "/sign-in"
_MAX_FIELDS = 200
STATIC = Path(__file__).parents[1] / "static"

#: What a file keeps of what the service says of it.
_OF_FILES: Final = ("content-type", "content-disposition")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Pages:
    """The pages of the console."""

    def __init__(self, console: Console, templates: Environment, pages: Sequence[Page]) -> None:
        self._console, self._templates, self._pages = console, templates, tuple(pages)
        self._release = _release()
        self._says = {f"{page.name}.{verb}": says for page in pages for verb, says in page.says.items()}

    def routes(self) -> list[Route]:
        """A route for each page, and for each form on one."""
        found = []
        for page in self._pages:
            for kind in page.kinds:  # before the page, whose parameter would take the kind in
                file = self._handed_over(page.files[kind]) if kind in page.files else self._filed(page, kind)
                found.append(Route(f"{page.stem}.{kind}", self._guarded(page, file), methods=["GET"]))
            found.append(Route(page.address, self._guarded(page, self._shown(page)), methods=["GET"]))
            for verb in page.forms:
                address = f"{page.address.rstrip('/')}/{verb}"
                found.append(Route(address, self._guarded(page, self._done(page, verb)), methods=["POST"]))
        return found

    # ------------------------------------------------------------------------------ a request
    def _guarded(self, page: Page, answer: Callable[[View], Coroutine[Any, Any, Response]]) -> Handler:
        async def handle(request: Request) -> Response:
            view = View(request, self._console, None, self._console.clock())
            try:
                view.seat = await self._seat(view)
                response = self._kept_out(page, view) or await answer(view)
            except Elsewhere as there:
                response = RedirectResponse(there.address, 303)
            except NoSuch as missing:
                response = self.failure(view, 404, str(missing))
            except (DBAPIError, PoolTimeout, OSError) as error:
                log.error("database-unavailable", error=type(error).__name__)
                response = self.failure(view, 503, "系统暂时连接不上数据库，请稍后再试。")
            except HTTPException:
                raise
            except Exception as error:
                log.error("unexpected", exc_info=error)
                sentence = "系统出错，已经记录。请稍后再试；一直如此请联系系统管理员。"
                response = self.failure(view, 500, sentence)
            if view.cookie is not None:
                self._set_cookie(response, SESSION, view.cookie)
            if view.under_way is not None:
                self._set_cookie(response, UNDER_WAY, view.under_way, int(LASTS.total_seconds()))
            return response

        return handle

    async def _seat(self, view: View) -> Seat | None:
        if not (cookie := view.kept(SESSION)):
            return None
        async with self._console.sessions.begin() as session:
            seat = await sessions.find(session, cookie, view.now)
            if seat is not None and REFRESH not in view.request.headers:
                until = await sessions.acted(session, seat, self._console.settings, view.now)
                seat = replace(seat, idle_at=until)
        return seat

    def _kept_out(self, page: Page, view: View) -> Response | None:
        """The answer to somebody who may not see the page; None to whoever may."""
        if page.open:
            return None
        if view.seat is None:
            if REFRESH in view.request.headers:
                return Response(status_code=401)
            here = view.request.url.path if view.request.method == "GET" else "/"
            return RedirectResponse(f"{SIGN_IN}?next={quote(here)}", 303)
        if view.seat.to_change and page.address != OWN_PASSWORD and page.address != "/sign-out":
            return RedirectResponse(OWN_PASSWORD, 303)
        if not page.is_for(view.seat):
            return self.failure(view, 403, f"您的岗位不能看“{page.title}”。需要时请联系安全管理员授予岗位。")
        return None

    def _shown(self, page: Page) -> Callable[[View], Coroutine[Any, Any, Response]]:
        async def answer(view: View) -> Response:
            return await self._rendered(page, view)

        return answer

    def _handed_over(self, where: Where) -> Callable[[View], Coroutine[Any, Any, Response]]:
        """The file that a service makes of what a page shows, under the name that the service gives it."""

        async def answer(view: View) -> Response:
            file = await self._console.gateway.file(view.seat, where(view))
            if file is None:
                return self.failure(view, 503, "文件暂时生成不了，请稍后再试。")
            kept = {name: file.headers[name] for name in _OF_FILES if name in file.headers}
            return StreamingResponse(file.aiter_bytes(), headers=kept, background=BackgroundTask(file.aclose))

        return answer

    def _filed(self, page: Page, kind: str) -> Callable[[View], Coroutine[Any, Any, Response]]:
        """What stands on a page, as a file of a kind."""

        async def answer(view: View) -> Response:
            view.filed = True
            shown = bytes((await self._rendered(page, view)).body).decode()
            made = await asyncio.to_thread(filed.of, kind, shown, view.person.name, view.now)
            return download(made.content, f"{made.title}.{kind}", filed.TYPES[kind])

        return answer

    def _done(self, page: Page, verb: str) -> Callable[[View], Coroutine[Any, Any, Response]]:
        async def answer(view: View) -> Response:
            given = Given(await view.request.form(max_files=0, max_fields=_MAX_FIELDS))
            try:
                then = await page.forms[verb](view, given)
            except Wrong as wrong:
                return await self._rendered(page, view, (verb, given, wrong))
            if isinstance(then, dict):
                return await self._rendered(page, view, also=then)
            return RedirectResponse(self._going_to(then, f"{page.name}.{verb}"), 303)

        return answer

    def _going_to(self, address: str, done: str) -> str:
        """Where to go after a form, which there is said to be done."""
        address = local(address)
        return f"{address}{'&' if '?' in address else '?'}done={done}" if done in self._says else address

    async def _rendered(
        self,
        page: Page,
        view: View,
        filled: tuple[str, Given, Wrong] | None = None,
        also: Context | None = None,
    ) -> Response:
        """A page; filled: the form on it that could not be taken; also: what a form has to show."""
        context = (await page.shows(view) if page.shows else {}) | (also or {})
        if filled is None:
            return self.render(page.template, view, 200, page=page, **context)
        verb, given, wrong = filled
        told = {"verb": verb, "given": given, "errors": wrong.fields}
        return self.render(page.template, view, wrong.status, page=page, **told, **context)

    # ------------------------------------------------------------------------------ an answer
    def render(self, template: str, view: View, status: int, **context: Any) -> Response:
        """A template as an answer, within the frame that all have."""
        frame: Context = {
            "seat": view.seat,
            "now": view.now,
            "here": view.here,
            "asked": view.request.url.query,
            "menu": self._menu(view.seat),
            "settings": self._console.settings,
            "release": self._release,
            "page": None,
            "verb": "",
            "given": Given(FormData()),
            "errors": {},
            "done": self._says.get(view.query("done"), ""),
        }
        text = self._templates.get_template(template).render(frame | context)
        return HTMLResponse(text, status)

    def failure(self, view: View, status: int, sentence: str) -> Response:
        """A page that says what went wrong, and what to do."""
        return self.render(
            "failure.html", view, status, title=_TITLES.get(status, "出错了"), sentence=sentence
        )

    def _menu(self, seat: Seat | None) -> list[tuple[str, list[Page]]]:
        groups: dict[str, list[Page]] = {}
        for page in self._pages:
            if page.group and seat is not None and page.is_for(seat):
                groups.setdefault(page.group, []).append(page)
        return list(groups.items())

    def _set_cookie(self, response: Response, cookie: str, value: str, lasts: int | None = None) -> None:
        """Have a browser keep a cookie, or forget it where it is empty; lasts: seconds, else until it is closed."""
        name, secure = self._console.cookie(cookie), self._console.is_https
        response.set_cookie(
            name, value, max_age=lasts if value else 0, httponly=True, samesite="lax", secure=secure, path="/"
        )


_TITLES: Final = {
    403: "没有权限",
    404: "没有找到",
    405: "不能这样提交",
    413: "内容太大",
    500: "系统错误",
    503: "暂时不能使用",
}


def _release() -> str:
    """What the sheet and the script are asked for with: another after each change of them, so that browsers keep them."""
    found = hashlib.sha256()
    for path in sorted(STATIC.iterdir()):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


def title_of(status: int) -> str:
    """What a page is called that says an HTTP status."""
    return _TITLES.get(status) or HTTPStatus(status).phrase
