"""Party organisations in property companies: who owes a branch, and who an instructor (P-2.1.1); pure."""

from typing import Final, Literal

#: 有 3 名以上正式党员的物业企业成立党支部; 以上 includes the number.
BRANCH_FROM: Final = 3


def owed(
    full_members: int | None, *, branch: bool, instructor: bool
) -> Literal["party-branch", "party-instructor"] | None:
    """Which duty a company owes, by the number of its full members, None where nobody has told it.

    Below three, and as long as nobody knows, an instructor brings the party's work into the company.
    """
    if branch:
        return None
    if full_members is not None and full_members >= BRANCH_FROM:
        return "party-branch"
    return None if instructor else "party-instructor"
