"""The clause ledger: which document an answer rests on, and where in it.

`clauses.yaml` holds what the gazette documents of 2024 put on the system, one row each. Whatever a rule
decides cites rows of it by id, and an answer carries them resolved: document number, title, place, date.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from kit.district import reference

LEDGER = Path(__file__).with_name("clauses.yaml")


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the gazette: `letter` begins the ids of its clauses, `effective` is its printed date."""

    letter: str
    number: str
    title: str
    effective: date


@dataclass(frozen=True, slots=True)
class Clause:
    """A row of the ledger: `at` is the place in the document, `does` what the software does about it."""

    id: str
    document: Document
    at: str
    owner: str
    kind: str
    does: str


class Citation(BaseModel):
    """A clause as an answer shows it."""

    model_config = ConfigDict(
        frozen=True,
        title="依据",
        json_schema_extra={
            "example": {
                "clause": "E-1.5",
                "document": "东政办发〔2024〕31号",
                "title": "东胜区生产安全事故应急预案",
                "at": "一(五)",
                "effective": "2024-06-24",
            }
        },
    )

    clause: str = Field(description="条款编号，长期不变", examples=["E-1.5"])
    document: str = Field(description="发文字号", examples=["东政办发〔2024〕31号"])
    title: str = Field(description="文件名称", examples=["东胜区生产安全事故应急预案"])
    at: str = Field(description="在文件中的位置", examples=["一(五)"])
    effective: date = Field(description="文件印发日期")


Basis = Annotated[list[Citation], Field(description="作出本结果所依据的文件条款")]


class UnknownClause(KeyError):
    """A clause was cited that the ledger does not have: a mistake in our code or data, never a caller's."""

    def __init__(self, clause: str) -> None:
        super().__init__(clause)
        self.clause = clause

    def __str__(self) -> str:
        return f"{self.clause!r} is not in the clause ledger ({LEDGER.name})"


class BrokenLedger(ValueError):
    """The ledger contradicts itself."""


def cite(*ids: str) -> list[Citation]:
    """The citations of the clauses, each once, in the order given.

    Raises:
        UnknownClause: a `KeyError`; the ledger has no such row.
    """
    citations = _ledger().citations
    try:
        return [citations[id] for id in dict.fromkeys(ids)]
    except KeyError as missing:
        raise UnknownClause(missing.args[0]) from None


def clause(id: str) -> Clause:
    """One row of the ledger; `UnknownClause` where there is none."""
    try:
        return _ledger().clauses[id]
    except KeyError:
        raise UnknownClause(id) from None


def clauses() -> tuple[Clause, ...]:
    """Every row, in the ledger's order."""
    return tuple(_ledger().clauses.values())


def documents() -> tuple[Document, ...]:
    """Every document the ledger was read from."""
    return _ledger().documents


@dataclass(frozen=True, slots=True)
class _Ledger:
    documents: tuple[Document, ...]
    clauses: dict[str, Clause]
    citations: dict[str, Citation]


@cache
def _ledger() -> _Ledger:
    return read_ledger(LEDGER.read_text(encoding="utf-8"))


def read_ledger(text: str) -> _Ledger:
    """Parse a ledger; `BrokenLedger` when an id stands twice or belongs to no document of it."""
    raw = reference.parse(text)
    documents = {letter: Document(letter, **fields) for letter, fields in raw["documents"].items()}
    rows = {row.id: row for row in _rows(raw["clauses"], documents)}
    return _Ledger(tuple(documents.values()), rows, {id: _citation(row) for id, row in rows.items()})


def _rows(raw: list[dict[str, Any]], documents: dict[str, Document]) -> Iterator[Clause]:
    seen = set[str]()
    for fields in raw:
        id = fields["id"]
        letter = id.partition("-")[0]
        if id in seen:
            raise BrokenLedger(f"{id} stands twice in the ledger")
        if letter not in documents:
            raise BrokenLedger(f"{id} names no document of the ledger")
        seen.add(id)
        yield Clause(document=documents[letter], **fields)


def _citation(row: Clause) -> Citation:
    return Citation(
        clause=row.id,
        document=row.document.number,
        title=row.document.title,
        at=row.at,
        effective=row.document.effective,
    )
