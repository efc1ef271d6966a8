"""Every page of the console, as those see it who may: in all that checks.py asks, on a desk, a phone and paper; and by every role."""

import re

import pytest

from console.pages import PAGES
from console.people.roles import all_roles, role_of
from console.web.page import Page
from tests.browser import checks
from tests.browser.running import PEOPLE, Person
from tests.browser.visits import visit

#: Pages that are shown nowhere by themselves.
BY_THE_WAY = {"/keep", "/sign-in/provider", "/sign-in/provider/back"}
#: Where a page with something in its address is looked at; what stands there is named as in Shown.ids.
EXAMPLES = {
    "/accidents/{number}": "/accidents/{mine}",
    "/accidents/{number}/timeline": "/accidents/{mine}/timeline",
    "/credit/{uscc}": "/credit/91150602MA0DEMF10R",
    "/hotline/{number}": "/hotline/{answered}",
    "/people/{id}": "/people/{hexin}",
    "/streets/{name}": "/streets/天骄街道",
    "/warnings/{id}": "/warnings/{yellow}",
}
#: Sheets of A4 that a page may take; others two.
SHEETS = {"/accidents/{number}": 5, "/audit": 8, "/warnings/{id}": 3}
#: On a phone all is looked at again that the width makes a difference to.
ON_A_PHONE = (checks.nothing_is_cut, checks.can_be_read, checks.targets, checks.axe)


def may_see(page: Page, person: Person) -> bool:
    role = role_of(person.role)
    assert role is not None
    if page.duties:
        return role.duty in page.duties
    return not page.scopes or bool(set(role.scopes).intersection(page.scopes))


def who_sees_most(page: Page) -> str | None:
    """Of those who may see a page the one with most rights; None where it is for whoever has not signed in."""
    if page.open:
        return None
    able = [person for person in PEOPLE if may_see(page, person) and person.role != "wall"]
    return max(able, key=_rights).login


def _rights(person: Person) -> tuple[bool, int]:
    role = role_of(person.role)
    assert role is not None
    return not person.limit, len([scope for scope in role.scopes if not scope.endswith(":read")])


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.address not in BY_THE_WAY], ids=lambda page: page.name
)
def test_a_page_can_be_used_on_a_desk_a_phone_and_paper(shown, window, page):
    if login := who_sees_most(page):
        shown.seat(window, login)
    address = shown.pages + EXAMPLES.get(page.address, page.address).format_map(shown.ids)
    with visit(window) as visited:
        opened = visited.to(address)
        found = visited.faults() + checks.faults(opened, (*checks.OF_ONE_WINDOW, *checks.ONCE))
        found += checks.printed(opened, SHEETS.get(page.address, 2))
        with checks.as_wide_as(opened, checks.PHONE):
            found += [f"on a phone: {fault}" for fault in checks.faults(opened, ON_A_PHONE)]
    window.clear_cookies()
    assert not found, "\n".join(found)


def test_there_is_a_person_of_each_role():
    assert sorted(person.role for person in PEOPLE) == sorted(all_roles())


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.role)
def test_a_role_has_a_menu_of_the_pages_that_it_may_see_and_they_fit_a_phone(shown, window, person):
    shown.seat(window, person.login)
    seen = {page.address for page in PAGES if page.group and may_see(page, person)}
    found = []
    with visit(window) as visited:
        visited.page.set_viewport_size({"width": checks.PHONE[0], "height": checks.PHONE[1]})
        for address in sorted(seen):
            opened = visited.to(shown.pages + address)
            if address == "/":
                menu = opened.locator("nav.wide").inner_html()
                assert set(re.findall(r'href="([^"]+)"', menu)) == seen
            faults = (*visited.faults(), *checks.measured(opened, "wide"))
            found += [f"{address}: {fault}" for fault in faults]
    window.clear_cookies()
    assert not found, "\n".join(found)
