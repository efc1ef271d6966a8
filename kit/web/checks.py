"""What a request must be before its endpoint sees any of it: its caller may act, its parameters and its body are known kinds.

In this order, so that who may not act learns nothing else. What a route checks is worked out when it is made.
"""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from email.message import Message
from typing import Any, ClassVar, get_args, get_origin

from fastapi import Request, Response
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from kit.web.access import Gate
from kit.web.etags import is_known
from kit.web.kinds import Strictly
from kit.web.problems import FieldError, Invalid, UnsupportedMedia

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

#: The kind of a body that is taken row by row as it comes (kit.web.streams), and so may be far longer than others.
STREAMED = "application/x-ndjson"
#: The kind of a form that may have files, which lie on the disk while it is read.
FORM = "multipart/form-data"
_IN_TEXT = Strictly(in_text=True)
#: What RFC 9110 (15.4.5) wants of the headers of the 200 that a 304 stands for.
_KEPT_OF_304 = ("cache-control", "etag", "last-modified", "vary")


class Checked(APIRoute):
    """An operation whose requests are checked before anything of them is read; GET answers If-None-Match with 304.

    streams: whether it takes its body row by row as it comes, packed or not.
    """

    streams: ClassVar[bool] = False

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        super().__init__(path, endpoint, **kwargs)
        dependants = [*_all(self.dependant)]
        self._access = [
            (each.call, tuple(each.own_oauth_scopes or ()))
            for each in dependants
            if isinstance(each.call, Gate)
        ]
        for each in dependants:
            for field in (*each.path_params, *each.query_params, *each.header_params):
                _take_strictly(field)
        query = [field for each in dependants for field in each.query_params]
        self._parameters = {field.alias for field in query}
        self._single = {field.alias for field in query if not _is_list(field.field_info.annotation)}
        # An endpoint that reads the body itself also judges its kind, once it knows who calls.
        body = self.body_field
        self._media_types = (getattr(body.field_info, "media_type", "application/json"),) if body else ()
        if self.streams:
            self._media_types = (STREAMED,)

    def get_route_handler(self) -> Handler:
        """The endpoint behind its checks."""
        answer = self.around(super().get_route_handler())

        async def run(request: Request) -> Response:
            await self._check(request)
            return _unless_known(request, await answer(request))

        return run

    def around(self, handler: Handler) -> Handler:
        """What a kind of route does around its endpoint, once a request is checked."""
        return handler

    async def _check(self, request: Request) -> None:
        for access, scopes in self._access:
            request.state.caller = await access.admit(request, scopes)
        if request.scope["query_string"]:
            self._check_parameters(request)
        fields = request.headers
        encoding = fields.get("content-encoding", "").strip().lower()
        if encoding not in ("identity", "", *(("gzip",) if self.streams else ())):
            raise _packed_otherwise(streams=self.streams)
        has_body = fields.get("content-length", "0") != "0" or "transfer-encoding" in fields
        if has_body:
            self._check_kind(fields.get("content-type", ""))

    def _check_kind(self, content_type: str) -> None:
        # Who reads a body at once must not be sent one that has the bound of those that are read as they come.
        if self._media_types or is_streamed(content_type):
            expected = self._media_types or ("application/json",)
            if not takes(expected, content_type):
                raise unsupported(expected)

    def _check_parameters(self, request: Request) -> None:
        errors = []
        given = [name for name, _ in request.query_params.multi_items()]
        for name in dict.fromkeys(given):
            if name not in self._parameters:
                errors.append(FieldError(pointer=f"?{name}", reason=_nearest(name, sorted(self._parameters))))
            elif name in self._single and given.count(name) > 1:
                errors.append(FieldError(pointer=f"?{name}", reason="只能写一次，请删去多余的。"))
        if errors:
            raise Invalid(
                "unknown-parameter",
                "；".join(f"查询参数 {each.pointer[1:]} {each.reason.rstrip('。')}" for each in errors)
                + "。",
                errors=errors,
            )


def _take_strictly(field: ModelField) -> None:
    """Make a parameter's kinds strict, as an address or a header writes them."""
    if _IN_TEXT not in field.field_info.metadata:
        field.field_info.metadata.append(_IN_TEXT)
        field.__post_init__()


def takes(media_types: tuple[str, ...], content_type: str) -> bool:
    """Whether a Content-Type is one of the media types, and JSON is in UTF-8 (RFC 8259, 8.1)."""
    message = Message()
    message["Content-Type"] = content_type
    if not content_type or message.get_content_type() not in media_types:
        return False
    charset = message.get_param("charset", "utf-8")
    return not message.get_content_type().endswith("json") or str(charset).lower() in ("utf-8", "utf8")


def is_form(content_type: str) -> bool:
    """Whether a body says that it is a form that may have files."""
    return content_type.partition(";")[0].strip().lower() == FORM


def is_streamed(content_type: str) -> bool:
    """Whether a body says that it is to be taken row by row as it comes."""
    return content_type.partition(";")[0].strip().lower() == STREAMED


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes that a body may have: one that is read at once, one that is taken row by row as it comes, a form with files."""

    whole: int
    streamed: int
    form: int

    def of(self, content_type: str) -> int:
        """The bound of a body by what it says it is."""
        said = content_type.partition(";")[0].strip().lower()
        return {STREAMED: self.streamed, FORM: self.form}.get(said, self.whole)


def _packed_otherwise(*, streams: bool) -> UnsupportedMedia:
    if streams:
        detail, accepted = "正文只可用 gzip 压缩，或不压缩，请改正 Content-Encoding。", "gzip, identity"
    else:
        detail, accepted = "本系统不接收压缩的正文，请去掉 Content-Encoding，原样提交。", "identity"
    return UnsupportedMedia("unsupported-encoding", detail, headers={"Accept-Encoding": accepted})


def unsupported(media_types: tuple[str, ...]) -> UnsupportedMedia:
    """The problem of a body of a kind that an operation does not take."""
    return UnsupportedMedia(
        "unsupported-content-type",
        f"Content-Type 应为 {' 或 '.join(media_types)}，请改正后重新提交。",
        headers={"Accept": ", ".join(media_types)},
    )


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for below in dependant.dependencies:
        yield from _all(below)


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))


def _nearest(name: str, known: list[str]) -> str:
    """What to write instead of a parameter that the operation does not know."""
    if not known:
        return "不认识，这个接口没有查询参数，请删去。"
    near = get_close_matches(name.lower(), known, 1, 0.5)
    meant = f"是不是 {near[0]}？" if near else ""
    return f"不认识，{meant}可用的有：{'、'.join(known)}。"


def _unless_known(request: Request, response: Response) -> Response:
    """The answer, or 304 where the caller has it already."""
    if (
        response.status_code != 200
        or request.method != "GET"
        or "if-none-match" not in request.headers
        or not is_known(response.headers.get("etag", ""), request)
    ):
        return response
    kept = {name: response.headers[name] for name in _KEPT_OF_304 if name in response.headers}
    return Response(status_code=304, headers=kept)
