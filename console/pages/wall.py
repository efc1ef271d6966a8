"""/wall: the screen of a hall: today, targets, accidents and the hotline in turn, to be looked at only."""

from typing import Final

from console.pages import accidents, hotline, targets, today
from console.web.page import Context, Page
from console.web.view import View

#: A turn of so many seconds can be read from across the hall, and all have been seen within a minute and a half.
PAGE = Page("/wall", "大屏", "wall.html", scopes=("emergency:read",), group="总览", refresh=20, filed=False)
#: The pages that take turns; of these, somebody sees those that are for them.
_TURNS: Final = (today.PAGE, targets.PAGE, accidents.PAGE, hotline.PAGE)


@PAGE.show
async def show(view: View) -> Context:
    turns = [page for page in _TURNS if page.is_for(view.seat)]
    names = [page.name for page in turns]
    asked = view.query("turn")
    at = names.index(asked) if asked in names else 0
    shows = turns[at].shows
    assert shows is not None
    return {
        "turns": turns,
        "turn": turns[at],
        "next": names[(at + 1) % len(names)],
        **await shows(view),
    }
