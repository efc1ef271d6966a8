"""docs/dispatch.md shows every move of the two tables."""

from deploy import moves
from kit.dispatch.moves import leg_moves, request_moves


def test_the_page_is_up_to_date():
    assert moves.PAGE.read_text(encoding="utf-8") == moves.page()


def test_every_action_stands_on_the_page_with_who_may():
    page = moves.page()
    for table in (leg_moves("service"), request_moves("service")):
        for row in table:
            target = "the same" if row.target == row.state else f"`{row.target}`"
            assert (
                f"| `{row.action}` | {table.actions[row.action]} | `{row.state}` | {target} | {row.role.zh}"
                in page
            )
