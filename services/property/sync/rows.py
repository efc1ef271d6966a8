"""The platform's rows as its lines state them: checked line by line, ready to be copied."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from hashlib import md5
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import from_json

from kit.district.clock import Day
from kit.district.credit_code import CreditCode
from kit.district.named_units import Street
from kit.district.names import TypedName
from kit.district.search_words import found_by
from kit.personal.masking import masked
from kit.storage.db import new_id
from kit.storage.named import spelled
from kit.web.shapes import Body
from kit.web.streams import MAX_LINE, Line
from kit.web.validation import field_errors

Kind = Literal["companies", "projects", "compounds", "contracts"]
#: The platform's own key of a row.
Key = Field(min_length=1, max_length=100, description="平台自己的编号")
_VERSION = Field(ge=0, lt=2**63, description="平台的版本号，整数，同一编号只增不减")
#: Square metres, always with two places, so that one value has one form.
Area = Annotated[
    Decimal,
    Field(ge=0, max_digits=12, decimal_places=2),
    AfterValidator(lambda area: area.quantize(Decimal("0.01"))),
]
#: Columns of what is copied, in their order (services.property.sync.merging).
COLUMNS = (
    *("line", "key", "version", "deleted", "hash", "fields", "street", "id"),
    *("name", "name_key", "name_like", "found_by", "uscc", "community"),
)


class RowIn(Body):
    """What every row says."""

    key: str = Key
    source_version: int = _VERSION
    deleted: Literal[False] = Field(
        default=False, description="true 为删除；删除的行只需 key 和 source_version"
    )


#: A line, for the document.
EXAMPLE = {"key": "C-1", "source_version": 1, "name": "某某物业（虚构）", "uscc": "91110000600037341L"}


class CompanyRowIn(RowIn, title="平台的物业服务企业", example=EXAMPLE):
    """A company as the platform states it; one without a code is provisional (物业服务企业)."""

    name: TypedName = Field(min_length=2, max_length=100, description="企业名称")
    uscc: CreditCode | None = Field(default=None, description="统一社会信用代码；没有的暂作临时登记")


class ProjectRowIn(RowIn, title="平台的物业服务项目"):
    """A project as the platform states it (物业服务项目)."""

    name: TypedName = Field(min_length=2, max_length=100, description="项目名称")
    kind: Literal["residential", "commercial"] = Field(description="residential 住宅，commercial 商业")
    street: Street = Field(description="所在街道（镇）")
    company: str = Field(min_length=1, max_length=100, description="企业在平台的编号，须先同步")
    begins_on: Day = Field(description="开始日期")
    ends_on: Day | None = Field(default=None, description="结束的最后一天")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.begins_on:
            raise ValueError("结束日期不能早于开始日期。")
        return self


class CompoundRowIn(
    RowIn,
    title="平台的小区",
    example={
        "key": "X-1",
        "source_version": 1,
        "street": "天骄街道",
        "community": "团结社区",
        "name": "和谐家园",
        "households": 320,
        "area": "41200.50",
    },
):
    """A compound as the platform states it (小区)."""

    street: Street = Field(description="所在街道（镇）")
    community: TypedName = Field(max_length=100, description="所在社区")
    name: TypedName = Field(max_length=100, description="小区名称")
    households: int | None = Field(default=None, ge=0, le=10**6, description="户数")
    area: Area | None = Field(default=None, description="建筑面积，平方米")


class ContractRowIn(
    RowIn,
    title="平台的物业服务合同",
    example={
        "key": "H-1",
        "source_version": 1,
        "compound": "X-1",
        "company": "C-1",
        "signed_on": "2024-05-20",
        "starts_on": "2024-06-01",
        "ends_on": "2027-06-01",
    },
):
    """A service contract as the platform states it (物业服务合同)."""

    compound: str = Field(min_length=1, max_length=100, description="小区在平台的编号，须先同步")
    company: str = Field(min_length=1, max_length=100, description="企业在平台的编号，须先同步")
    signed_on: Day = Field(description="签订日期")
    starts_on: Day = Field(description="服务开始日期")
    ends_on: Day = Field(description="服务结束日期")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.ends_on <= self.starts_on:
            raise ValueError("服务结束日期应晚于开始日期。")
        return self


class _Tombstone(Body, extra="ignore"):
    key: str = Key
    source_version: int = _VERSION
    deleted: Literal[True]


ROWS: dict[Kind, type[RowIn]] = {
    "companies": CompanyRowIn,
    "projects": ProjectRowIn,
    "compounds": CompoundRowIn,
    "contracts": ContractRowIn,
}


def described() -> str:
    """What a line holds, by kind, for the document."""
    own = RowIn.model_fields.keys()
    kinds = [
        f"{kind}（{shape.model_config['title']}）："
        + "，".join(
            f"{name} {each.description}" for name, each in shape.model_fields.items() if name not in own
        )
        for kind, shape in ROWS.items()
    ]
    common = "，".join(f"{name} {each.description}" for name, each in RowIn.model_fields.items())
    return f"每行一个 JSON 对象，以换行分隔，一行不超过 {MAX_LINE // 1024} KB。各类都有：{common}。{'。'.join(kinds)}。"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that was not taken, and why."""

    line: int
    key: str | None
    reason: str


@dataclass(slots=True)
class Parsed:
    """The lines of a batch, checked: of each key the row with the highest version.

    originals: texts with personal data, masked and as they were typed.
    """

    rows: dict[str, tuple[int, str, int, str]] = field(default_factory=dict)
    unchanged: int = 0
    stale: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    originals: list[tuple[str, str]] = field(default_factory=list)

    def copied(self) -> bytes:
        """The rows as COPY takes them."""
        return "".join(row[-1] for row in self.rows.values()).encode()

    def add(self, line: int, key: str, version: int, hash: str, copied: str) -> None:
        """A row, unless the batch has a newer one of its key."""
        held = self.rows.get(key)
        if held is None or version > held[2]:
            self.stale += held is not None
            self.rows[key] = (line, hash, version, copied)
        elif version < held[2]:
            self.stale += 1
        elif hash == held[1]:
            self.unchanged += 1
        else:
            self.rejected.append(Rejection(line, key, CLASH))


CLASH = "source_version 与已收到的相同而内容不同，请提高版本号后重新提交。"
_TOO_LONG = f"这一行超过 {MAX_LINE // 1024} KB，请检查是否缺少换行。"
_NO_JSON = "这一行不是完整的 JSON 对象（正文可能在此处断开），请检查后重新提交。"


def parse(kind: Kind, lines: Sequence[Line]) -> Parsed:
    """The rows of a batch of lines, and which lines are wrong."""
    found = Parsed()
    validate, tombstone = _adapter(ROWS[kind]).validate_json, _adapter(_Tombstone).validate_json
    for number, line in lines:
        if line is None:
            found.rejected.append(Rejection(number, None, _TOO_LONG))
            continue
        try:
            row = tombstone(line) if _is_tombstone(line) else validate(line)
        except ValidationError as error:
            found.rejected.append(_rejected(number, line, error))
        except UnicodeEncodeError:
            found.rejected.append(Rejection(number, None, "含有不允许的字符，请检查。"))
        else:
            _keep(found, number, row)
    return found


@cache
def _adapter(shape: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _is_tombstone(line: bytes) -> bool:
    if b'"deleted"' not in line:
        return False
    try:
        given = from_json(line)
    except ValueError:
        return False
    return isinstance(given, dict) and given.get("deleted") is True


def _rejected(number: int, line: bytes, error: ValidationError) -> Rejection:
    wrong = error.errors(include_url=False)
    if wrong[0]["type"] in ("json_invalid", "model_type", "model_attributes_type"):
        return Rejection(number, None, _NO_JSON)
    key = from_json(line).get("key")
    shown = _storable(key[:100]) if isinstance(key, str) else None
    reasons = (f"{pointer} {reason}" for pointer, reason in field_errors(wrong, None))
    return Rejection(number, shown, _storable("；".join(reasons)[:500]))


def _storable(text: str) -> str:
    """A text of the line's without the one character that the database does not take."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _keep(found: Parsed, number: int, row: Any) -> None:
    fields = {} if row.deleted else row.model_dump(mode="json", exclude={"key", "source_version", "deleted"})
    for name in fields.keys() & {"name", "community"}:
        shown = masked(fields[name])
        if shown != fields[name]:
            found.originals.append((shown, fields[name]))
            fields[name] = shown
    said = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    hash = md5(f"{row.deleted} {said}".encode(), usedforsecurity=False).hexdigest()
    name = fields.get("name")
    names = [*spelled(name).values(), _array(found_by(name))] if name else [None] * 4
    values = [number, row.key, row.source_version, row.deleted, hash, said, fields.get("street"), new_id()]
    values += [*names, fields.get("uscc"), fields.get("community")]
    found.add(number, row.key, row.source_version, hash, "\t".join(map(_text, values)) + "\n")


def _array(words: Sequence[str]) -> str:
    """An array of texts as PostgreSQL writes it."""
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"


def _text(value: Any) -> str:
    r"""A value as COPY reads it: \N for nothing, a backslash before what would end it."""
    if value is None:
        return r"\N"
    text = str(value)
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
