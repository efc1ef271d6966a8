"""/people: every account, for the three offices over the console; a new one is the administrator's to make."""

from sqlalchemy import or_, select

from console.people import accounts, sessions, tries
from console.people.roles import Duty, role_of
from console.people.tables import Person
from console.web.listing import portion
from console.web.page import Context, Given, Page, Wrong
from console.web.view import View
from kit.district import units

PAGE = Page("/people", "账号", "people.html", duties=tuple(Duty), group="管理")
#: Accounts that are listed at once.
_MOST = 50


@PAGE.show
async def show(view: View) -> Context:
    name = view.query("name")
    async with view.transaction() as session:
        query = select(Person).order_by(Person.login)
        if name:
            asked = (
                Person.login.icontains(name, autoescape=True),
                Person.name.contains(name, autoescape=True),
            )
            query = query.where(or_(*asked))
        known = list(await session.scalars(query))
        people, through = portion(view, known, "after", _MOST)
        locked = await tries.locked(session, [each.login for each in people], view.now)
        signed_in = await sessions.how_many(session, view.now)
    rows = [
        {
            "person": each,
            "role": role_of(each.role),
            "of": belongs_to(each),
            "locked": each.login in locked,
            "sessions": signed_in.get(each.id, 0),
        }
        for each in people
    ]
    return {
        "rows": rows,
        "all": len(known),
        "way": through,
        "name": name,
        "may_make": may_make(view),
        "made": None,
    }


@PAGE.form("make")
async def make(view: View, given: Given) -> Context:
    if not may_make(view):
        raise Wrong({"": "新账号由系统管理员开设。"}, status=403)
    try:
        async with view.transaction() as session:
            made = await accounts.make(view.acting(session), given["login"], given["name"])
    except accounts.Wrong as wrong:
        raise Wrong({wrong.field: wrong.reason}) from None
    return {"made": made}


def may_make(view: View) -> bool:
    """Whether the person keeps accounts."""
    role = view.person.role
    return role is not None and role.duty is Duty.ADMINISTRATOR


def belongs_to(person: Person) -> str:
    """The unit, street or company that somebody's role is limited to."""
    if person.division or person.company:
        return person.division or person.company or ""
    return units.unit(person.unit).name if person.unit else ""
