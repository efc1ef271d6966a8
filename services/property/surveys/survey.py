"""What a survey of compounds says, and what can be wrong with the workbook it came in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

from kit.personal.kept import Kept

FORM: Final = "P-A1a"
STATUSES: Final = "P-A1b"
COLUMNS: Final = "P-A1c"
#: What the form's total row adds up.
SUMMED: Final = ("buildings", "households", "area", "members", "party_members")
#: What a row says of a compound in figures.
FIGURES: Final = (
    "buildings",
    "households",
    "area",
    "built",
    "members",
    "party_members",
    "fee",
    "collection_rate",
)


class Status(StrEnum):
    """How a compound is managed: one of three (附件1备注1, P-A1b)."""

    PROFESSIONAL = "专业化物业管理"
    QUASI = "准物业管理"
    NONE = "无物业"


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """One compound. None is an optional cell left empty.

    street: full name (天骄街道). area: ㎡, 2 places. built: year. fee: yuan per ㎡ and month, 4 places.
    collection_rate: fraction from 0 to 1, 4 places. company: empty where there is none.
    added: texts of the added columns by heading, empty ones left out.
    row: the row in the workbook, counted from 1; where a row stood is no part of what it says.
    """

    street: str
    community: str
    compound: str
    status: Status
    company: str = ""
    buildings: int | None = None
    households: int | None = None
    area: Decimal | None = None
    built: int | None = None
    members: int | None = None
    party_members: int | None = None
    fee: Decimal | None = None
    collection_rate: Decimal | None = None
    added: Mapping[str, str] = field(default_factory=dict)
    row: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong, or doubtful, and where: the workbook's own row number and column letter.

    `reason` is a Chinese sentence that says what to do; `clause` an id of the ledger.
    """

    row: int
    column: str
    heading: str
    value: str
    reason: str
    clause: str = FORM


@dataclass(frozen=True, slots=True)
class Survey:
    """A filled-in form. Two surveys are equal when they say the same, whatever was found wrong in a workbook.

    rows: the compounds without an error. added: headings of the added columns, in order.
    errors: nothing may be stored while there is one. warnings: to be looked at, no reason to refuse.
    sheet: where it stood; header: the row of its last headings, from 1.
    """

    unit: str = ""
    contact: Annotated[str, Kept.NAME] = ""
    phone: Annotated[str, Kept.PHONE] = ""
    rows: tuple[SurveyRow, ...] = ()
    added: tuple[str, ...] = ()
    errors: tuple[CellError, ...] = field(default=(), compare=False)
    warnings: tuple[CellError, ...] = field(default=(), compare=False)
    sheet: str = field(default="", compare=False)
    header: int = field(default=0, compare=False)

    @property
    def without_wrong_rows(self) -> "Survey":
        """Only its sound rows, where what is wrong stands in rows and not above them; else the same."""
        above = any(error.row <= max(self.header, 1) for error in self.errors)
        return self if above or not self.rows else replace(self, errors=())
