"""Keyset pages: `{items, next}` with an opaque cursor and a Link header, steady while rows are added."""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeAlias, TypeVar, TypeVarTuple

from fastapi import Depends, Query, Request, Response
from pydantic import Field
from sqlalchemy import Integer, Select, bindparam, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import KeyedColumnElement

from kit.web.problems import FieldError, Invalid
from kit.web.shapes import Answer

Item = TypeVar("Item")
Row = TypeVarTuple("Row")
#: A column that a page is ordered by, of a table or of a subquery.
Ordering: TypeAlias = InstrumentedAttribute[Any] | KeyedColumnElement[Any]

MAX_LIMIT = 500


class Prepared:
    """A query in an order, made once for all its pages, as making it takes longer than its answer.

    Its parameters (`bindparam`) are given each time; keep it with the module, or in a cache.
    """

    def __init__(self, query: Select[Any], *order: Ordering) -> None:
        """As of `Paging.fetch`, of queries of several columns."""
        self.order = order
        self.first = query.order_by(*order).limit(bindparam("page_limit", type_=Integer))
        edge = [bindparam(f"page_after_{column.key}", type_=column.type) for column in order]
        self.following = self.first.where(tuple_(*order) > tuple_(*edge))


class Page(Answer, Generic[Item], title="一页"):
    """A page of a collection (一页)."""

    items: list[Item] = Field(description="本页内容")
    next: str | None = Field(
        description="下一页的游标，放入 cursor 参数；没有下一页时为空", examples=["WyIyMDI0LTA2LTI0Il0"]
    )


class Paging:
    """The page that a request asks for."""

    def __init__(self, request: Request, response: Response, limit: int, cursor: str | None) -> None:
        self._request, self._response = request, response
        self.limit, self.cursor = limit, cursor

    async def page(
        self,
        session: AsyncSession,
        query: Select[Any],
        shown: Callable[[Any], Item],
        *order: Ordering,
    ) -> Page[Item]:
        """The page, each of its rows as `shown` makes it, in the order of the columns."""
        rows, following = await self.fetch(session, query, *order)
        return Page(items=[shown(row) for row in rows], next=following)

    async def fetch(
        self,
        session: AsyncSession,
        query: Select[Any],
        *order: Ordering,
        descending: bool = False,
    ) -> tuple[Sequence[Any], str | None]:
        """The page's rows (entities, or rows of several columns) in the order of the columns, and the next cursor.

        The columns together must be unique and belong to the entity that the query selects.
        """
        if self.cursor is not None:
            values = _decode(self.cursor, self._mark, order)
            edge = tuple_(*order)
            query = query.where(edge < values if descending else edge > values)
        query = query.order_by(*(column.desc() if descending else column for column in order))
        found = await session.execute(query.limit(self.limit + 1))
        # An entity may be joined with what hangs on it; rows of single columns are taken as they come.
        return self._cut(list(found.scalars().unique() if _is_entity(query) else found), order)

    async def ask(
        self, session: AsyncSession, prepared: Prepared, **values: Any
    ) -> tuple[Sequence[Any], str | None]:
        """The page's rows of a prepared query with these values, and the next cursor."""
        values["page_limit"], query = self.limit + 1, prepared.first
        if self.cursor is not None:
            query = prepared.following
            edge = zip(prepared.order, _decode(self.cursor, self._mark, prepared.order), strict=True)
            values |= {f"page_after_{column.key}": value for column, value in edge}
        return self._cut(list(await session.execute(query, values)), prepared.order)

    @property
    def _mark(self) -> str:
        """What a cursor knows its list and filters by."""
        given = self._request.query_params.multi_items()
        filters = sorted(pair for pair in given if pair[0] not in ("limit", "cursor"))
        return hashlib.sha256(json.dumps([self._request.url.path, filters]).encode()).hexdigest()[:12]

    def _cut(self, rows: list[Any], order: Sequence[Ordering]) -> tuple[Sequence[Any], str | None]:
        """The rows of a page, of which one more was read, and the cursor of the next."""
        if len(rows) <= self.limit:
            return rows, None
        rows = rows[: self.limit]
        following = _encode([getattr(rows[-1], column.key) for column in order], self._mark)
        # Without the host: through the gateway the path is the same and the host is another.
        here = self._request.url.include_query_params(cursor=following)
        self._response.headers["Link"] = f'<{here.path}?{here.query}>; rel="next"'
        return rows, following


def narrowed(query: Select[*Row], **asked: Any) -> Select[*Row]:
    """The rows of a query whose columns have the values that were asked for; None asks for nothing."""
    return query.filter_by(**{name: value for name, value in asked.items() if value is not None})


def _is_entity(query: Select[Any]) -> bool:
    return len(query._raw_columns) == 1


def _encode(values: Sequence[Any], mark: str) -> str:
    """An opaque cursor of the values, for the list of that mark."""
    plain = [mark, *(value.isoformat() if isinstance(value, date) else value for value in values)]
    return base64.urlsafe_b64encode(json.dumps(plain, default=str).encode()).decode().rstrip("=")


def bad_cursor() -> Invalid:
    """The problem of a cursor that nobody gave out, or for another list."""
    return Invalid(
        "bad-cursor",
        "游标无效，或条件与取得游标时不同，请从第一页重新读取。",
        errors=[FieldError(pointer="?cursor", reason="不是以同样的条件由本接口给出的游标")],
    )


def _decode(cursor: str, mark: str, order: Sequence[Ordering]) -> tuple[Any, ...]:
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(plain, list) or plain[:1] != [mark]:
            raise bad_cursor()
        return tuple(_typed(value, column) for value, column in zip(plain[1:], order, strict=True))
    except (ValueError, TypeError, ArithmeticError):
        raise bad_cursor() from None


def _typed(value: Any, column: Ordering) -> Any:
    kind = column.type.python_type
    if kind in (int, str):
        typed = value
    elif kind in (datetime, date):
        typed = kind.fromisoformat(value)
    else:
        typed = kind(value)  # UUID, Decimal
    if type(typed) is not kind or (kind is datetime and typed.tzinfo is None):
        raise TypeError
    return typed


async def _paging(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="每页条数")] = 50,
    cursor: Annotated[str | None, Query(max_length=2000, description="上一页给出的游标")] = None,
) -> Paging:
    return Paging(request, response, limit, cursor)


PageRequest = Annotated[Paging, Depends(_paging)]
