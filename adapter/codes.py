"""Lists of others' codes and what they are here: data, one folder for each kind of platform."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.district import reference, units

_DATA = Path(__file__).with_name("data")


@dataclass(frozen=True)
class Codes:
    """A platform's codes. matters: a code, or the beginning of codes → our matter; urgencies and states likewise.

    states: ours → theirs; later_states: theirs that stand for one of ours besides; retry: answers that may change by themselves;
    login: answers that ask for a new token.
    """

    success: str
    retry: frozenset[str]
    login: frozenset[str]
    matters: Mapping[str, str]
    divisions: Mapping[str, str]
    urgencies: Mapping[str, str]
    states: Mapping[str, str]
    later_states: Mapping[str, str]

    def matter(self, code: str) -> str | None:
        """Our matter of a code: that of its longest beginning on the list."""
        begins = (code[:length] for length in range(len(code), 0, -1))
        return next((self.matters[each] for each in begins if each in self.matters), None)

    def division(self, code: str) -> str | None:
        """Our street of a code, or of a name where the platform writes one."""
        if code in self.divisions:
            return self.divisions[code]
        street = units.street(code) if code else None
        return street.name if street else None

    def state(self, code: str) -> str:
        """Our state of a code; an unknown one as it is, which reconciliation then finds to differ."""
        ours = {**{theirs: ours for ours, theirs in self.states.items()}, **self.later_states}
        return ours.get(code, code)


def read(kind: str, matters: Path | None = None) -> Codes:
    """The codes of a kind of platform. matters: a file in place of ours, of the same form.

    Raises: OSError, KeyError, ValueError for a street that the district does not have.
    """
    folder = _DATA / kind
    answers = reference.read(folder / "answers.yaml")
    divisions = _table(folder / "divisions.yaml")
    strange = [name for name in divisions.values() if units.street(name) is None]
    if strange:
        raise ValueError(f"no streets of the district: {strange}")
    states = reference.read(folder / "states.yaml")
    return Codes(
        success=answers["success"],
        retry=frozenset(answers["retry"]),
        login=frozenset(answers["login"]),
        matters=_table(matters or folder / "matters.yaml"),
        divisions=divisions,
        urgencies=_table(folder / "urgencies.yaml"),
        states=states["told"],
        later_states=states["read"],
    )


def _table(file: Path) -> dict[str, str]:
    rows: list[dict[str, Any]] = reference.read(file)["codes"]
    return {row["code"]: row["ours"] for row in rows}
