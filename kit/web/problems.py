"""Errors as answers: RFC 9457 problem+json with a stable type, a Chinese sentence, the field and the clause."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from errno import EDQUOT, EFBIG, ENOSPC
from typing import Any, ClassVar, Self

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from kit.district.citations import Citation, cite
from kit.logs import log
from kit.web.validation import field_errors

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:dongsheng:problem:"
#: Below it the gateway has a page for each type; every problem links to its own (`rel="type"`, RFC 6903).
PAGES = "/problems"


class FieldError(BaseModel, title="逐项错误"):
    """One thing wrong with the input (逐项错误): where it stands and why it was refused."""

    pointer: str = Field(description="出错位置：JSON 指针、?查询参数、header:请求头，或表格的行列")
    reason: str = Field(description="原因和改法")


class ProblemDetails(BaseModel, title="错误"):
    """The body of every error answer (错误)."""

    type: str = Field(
        description="稳定的错误类型，说明见 /problems/",
        examples=["urn:dongsheng:problem:not-found"],
    )
    title: str = Field(description="错误名称", examples=["没有找到"])
    status: int = Field(description="HTTP 状态码", examples=[404])
    detail: str = Field(description="说明以及应当怎么做", examples=["没有编号为 DS-E-20240624-0001 的事故。"])
    errors: list[FieldError] = Field(default=[], description="逐项错误")
    basis: list[Citation] = Field(default=[], description="依据的文件条款")


class Problem(Exception):
    """An error that is the caller's answer. Subclasses fix the HTTP status and a default title.

    slug: stable name of the kind of error; detail: Chinese sentence that says what to do;
    errors: fields or cells; clauses: ids of the ledger; extra: further members of the body.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "系统错误"
    #: The id of what was asked for and the id by which it stands now, where they differ: who reads is sent there.
    replaced: tuple[str, str] | None = None

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        clauses: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail
        self.errors = list(errors)
        self.clauses = tuple(clauses)
        self.headers = dict(headers or {})
        self.extra = extra

    def of_item(self, pointer: str) -> Self:
        """The same problem, of an item of a list: each of its places is below `pointer`, a JSON pointer."""
        below = [FieldError(pointer=pointer + each.pointer, reason=each.reason) for each in self.errors]
        self.errors = below or [FieldError(pointer=pointer, reason=self.detail)]
        return self

    def response(self) -> JSONResponse:
        """The answer as problem+json."""
        details = ProblemDetails(
            type=TYPE_PREFIX + self.slug,
            title=self.title,
            status=self.status,
            detail=self.detail,
            errors=self.errors,
            basis=cite(*self.clauses),
        )
        body = details.model_dump(mode="json") | self.extra
        headers = {"Link": f'<{PAGES}/{self.slug}>; rel="type"'} | self.headers
        return JSONResponse(body, self.status, headers=headers, media_type=MEDIA_TYPE)


class Malformed(Problem):
    status, title = 400, "请求有误"


class Unauthorized(Problem):
    status, title = 401, "未登录或令牌无效"

    def __init__(self, slug: str, detail: str, **kwargs: Any) -> None:
        super().__init__(slug, detail, headers={"WWW-Authenticate": "Bearer"}, **kwargs)


class Forbidden(Problem):
    status, title = 403, "没有权限"


class NotFound(Problem):
    status, title = 404, "没有找到"


class NotAllowed(Problem):
    status, title = 405, "不支持的方法"


class TooSlow(Problem):
    status, title = 408, "提交超时"


class Conflict(Problem):
    status, title = 409, "当前状态不允许"


class PreconditionFailed(Problem):
    status, title = 412, "内容已被他人修改"


class TooLarge(Problem):
    status, title = 413, "内容太大"


class UnsupportedMedia(Problem):
    status, title = 415, "不支持的文件类型"


class Invalid(Problem):
    status, title = 422, "内容有误"


class PreconditionRequired(Problem):
    status, title = 428, "缺少前提条件"


class TooMany(Problem):
    status, title = 429, "请求太频繁"


class Broken(Problem):
    status, title = 500, "系统错误"


class UpstreamFailed(Problem):
    status, title = 502, "上游服务出错"


class Unavailable(Problem):
    status, title = 503, "服务暂不可用"

    def __init__(self, slug: str, detail: str, *, retry_after: int = 5, **kwargs: Any) -> None:
        super().__init__(slug, detail, headers={"Retry-After": str(retry_after)}, **kwargs)


class Full(Problem):
    status, title = 507, "存储空间不足"


class UpstreamTimeout(Problem):
    status, title = 504, "上游服务超时"


#: OpenAPI `responses` of what reads a thing that may have been merged into another.
MERGED: dict[int | str, dict[str, Any]] = {308: {"description": "已并入另一登记，Location 为其地址"}}

#: The kinds of problems by status.
KINDS: dict[int, type[Problem]] = {kind.status: kind for kind in Problem.__subclasses__()}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` for the given error statuses."""
    return {
        status: {
            "description": KINDS[status].title,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
        for status in statuses
    }


#: SQLSTATEs of a conflict with other rows; any other broken constraint is a mistake of ours.
_CONFLICTS = {"23001", "23503", "23505", "23514", "23P01"}
#: Classes of SQLSTATEs that pass by themselves: deadlocks and serialization, locks and statements that took too long.
_BUSY = ("40", "55", "57014")
#: The class of a statement beyond PostgreSQL's own limits: it fails again however often it is repeated.
_BEYOND_LIMITS = "54"


async def _problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    if error.replaced is not None and request.method in ("GET", "HEAD"):
        return _redirect(request, *error.replaced)
    return error.response()


def _redirect(request: Request, old: str, new: str) -> JSONResponse:
    """To the same path and query with the other id."""
    query = f"?{request.url.query}" if request.url.query else ""
    location = request.url.path.replace(old, new) + query
    return JSONResponse({"into": new}, 308, headers={"Location": location})


async def _validation(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    wrong = field_errors(error.errors(), error.body)
    found = [FieldError(pointer=pointer, reason=reason) for pointer, reason in wrong]
    places = "、".join(item.pointer for item in found)
    return Invalid(
        "invalid-request", f"有 {len(found)} 处不符合要求，请改正后重新提交：{places}", errors=found
    ).response()


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if is_full(error.__cause__):  # while a form was read, whose files lie on the disk meanwhile
        return full().response()
    known: dict[int, Problem] = {
        404: NotFound("no-such-path", f"没有这个地址：{request.url.path}，请查看接口文档。"),
        405: NotAllowed("method-not-allowed", f"{request.url.path} 不支持 {request.method} 方法。"),
        413: too_large(),
    }
    if isinstance(error.__cause__, UnicodeDecodeError):
        known[400] = Malformed("not-utf-8", "正文不是 UTF-8 编码（可能是 GBK），请转换为 UTF-8 后重新提交。")
    problem = known.get(error.status_code) or Malformed("bad-request", "请求无法识别，请检查格式后重新提交。")
    problem.headers |= dict(error.headers or {})
    return problem.response()


#: What a file system says of itself without room, of a quota that is used up, and of a file as large as it lets one be.
_NO_ROOM = frozenset((ENOSPC, EDQUOT, EFBIG))


def is_full(error: BaseException | None) -> bool:
    """Whether something failed as there is no room left."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def full() -> Full:
    """The problem of a store without room."""
    log.error("storage-full")
    return Full("storage-full", "存放文件的空间已满，文件没有保存。请联系管理员腾出空间，再重新提交。")


def too_large() -> TooLarge:
    """The problem of a body beyond the bound."""
    return TooLarge("body-too-large", "提交的内容太大，请拆分后再提交。")


async def _stale(_: Request, __: Exception) -> JSONResponse:
    return stale().response()


def stale() -> PreconditionFailed:
    """The problem of a write to a row that somebody changed in between."""
    return PreconditionFailed("changed-meanwhile", "这条记录刚被他人修改，请重新读取后再提交。")


async def _surrogate(_: Request, __: Exception) -> JSONResponse:
    # JSON can write half of a character; no text of ours or of PostgreSQL can hold it.
    return _refused().response()


def _refused() -> Invalid:
    return Invalid("value-refused", "有内容超出允许的范围或含有不允许的字符，请检查后重新提交。")


async def _pool_timeout(_: Request, error: Exception) -> JSONResponse:
    log.error("database-unavailable", error=type(error).__name__)
    return Unavailable("database-busy", "系统正忙，请稍后重试。", retry_after=1).response()


async def _database(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)
    state = getattr(error.orig, "sqlstate", None) or ""
    if isinstance(error, DataError):
        # A value that PostgreSQL or its driver refuses (a number out of range, a NUL in a text) is the caller's.
        return _refused().response()
    if isinstance(error, IntegrityError) and state in _CONFLICTS:
        diagnosis = getattr(error.orig, "diag", None)
        log.warning("integrity", constraint=getattr(diagnosis, "constraint_name", None))
        return Conflict("conflicts-with-data", "与已有的数据冲突，请核对后重新提交。").response()
    if state.startswith(_BUSY):
        log.warning("database-busy", sqlstate=state)
        return Unavailable("database-busy", "系统正忙，请稍后重试。", retry_after=1).response()
    if isinstance(error, OperationalError | InterfaceError) and not state.startswith(_BEYOND_LIMITS):
        log.error("database-unavailable", sqlstate=state, error=type(error.orig).__name__)
        return Unavailable("database-unavailable", "数据库暂时连接不上，请稍后重试。").response()
    return unexpected(error)


def unexpected(error: Exception) -> JSONResponse:
    """Log an exception that nobody foresaw and answer without any of its words."""
    log.error("unexpected", exc_info=error)
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return Broken("unexpected", f"系统出现意外错误，已记录。请向管理员提供请求编号 {request_id}。").response()


#: What answers an exception that leaves an endpoint; any other is unexpected.
HANDLERS: dict[Any, Callable[[Request, Exception], Awaitable[JSONResponse]]] = {
    Problem: _problem,
    RequestValidationError: _validation,
    HTTPException: _http,
    StaleDataError: _stale,
    DBAPIError: _database,
    PoolTimeout: _pool_timeout,
    UnicodeEncodeError: _surrogate,
}
