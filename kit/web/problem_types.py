"""Every type of problem in one place: what each service may answer, when, and what the caller should do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI
from pydantic import Field

from kit.context import Context
from kit.district import reference
from kit.web import routes
from kit.web.access import everybody
from kit.web.problems import KINDS, PAGES, TYPE_PREFIX, NotFound
from kit.web.shapes import Answer

COMMON = Path(__file__).with_name("problems.yaml")


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A type of problem: its stable name, its status, when it comes and what the caller should do (Chinese)."""

    slug: str
    status: int
    when: str
    do: str

    @property
    def type(self) -> str:
        """The `type` of the answer."""
        return TYPE_PREFIX + self.slug

    @property
    def title(self) -> str:
        """The `title` of the answer."""
        return KINDS[self.status].title


def read(*files: Path) -> tuple[ProblemType, ...]:
    """The types that these files list, by name; a file that is not there lists none.

    Raises: TypeError for a row with an unknown or a missing key.
    """
    found = {}
    for file in files:
        for slug, row in (reference.read(file) if file.exists() else {}).items():
            found[slug] = ProblemType(slug=slug, **row)
    return tuple(found[slug] for slug in sorted(found))


def described(types: tuple[ProblemType, ...]) -> list[dict[str, Any]]:
    """The types as an OpenAPI document lists them."""
    return [
        {"type": each.type, "status": each.status, "title": each.title, "when": each.when, "do": each.do}
        for each in types
    ]


class ProblemTypeOut(Answer, title="错误类型"):
    """A type of problem (错误类型)."""

    type: str = Field(
        description="稳定的错误类型，即错误回答中的 type", examples=["urn:dongsheng:problem:invalid-request"]
    )
    status: int = Field(description="HTTP 状态码")
    title: str = Field(description="错误名称")
    when: str = Field(description="什么时候出现", examples=["提交的内容不符合要求"])
    do: str = Field(description="应当怎么做", examples=["按 errors 中的提示逐项改正后重新提交。"])


def make_router(types: tuple[ProblemType, ...]) -> APIRouter:
    """The service's list of its types of problems, for everybody: who was refused for want of a token reads it too."""
    router = routes.router("错误类型")
    shown = [ProblemTypeOut.of(each) for each in types]

    @router.get(
        "/problems",
        summary="列出错误类型",
        description="本服务可能回答的全部错误类型：状态码、什么时候出现、应当怎么做。无需令牌。",
    )
    async def list_problem_types(_: Annotated[Context, everybody()]) -> list[ProblemTypeOut]:
        """Every type of problem that this service may answer."""
        return shown

    return router


def add_pages(app: FastAPI, types: tuple[ProblemType, ...]) -> None:
    """What the problems of a service link to (`rel="type"`), for whoever asks it directly; the gateway has pages of its own."""
    shown = {each.slug: ProblemTypeOut.of(each) for each in types}

    @app.get(PAGES + "/{slug}", include_in_schema=False)
    async def read_problem_type(slug: str) -> ProblemTypeOut:
        if slug not in shown:
            raise NotFound("no-such-problem", f"没有名为 {slug} 的错误类型，请在本服务的错误类型列表中查找。")
        return shown[slug]
