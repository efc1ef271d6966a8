"""Behind one client there are many people: each is told apart from the others, and has what its unit has."""

import pytest

from kit.web.caller import Caller, Person
from tests.kit.receivers import Receiver, receiver, subscribe

__all__ = ["receiver"]

ONE, TWO = Person("p-1", "张三"), Person("p-2", "李四")


@pytest.mark.parametrize(
    ("limits", "by", "party"),
    [
        ({"unit": "tianjiao-street", "division": "天骄街道"}, "张三（天骄街道）", "console tianjiao-street 天骄街道"),
        ({"unit": "struck-since"}, "张三（struck-since）", "console struck-since"),
        ({"division": "天骄街道"}, "张三（天骄街道）", "console 天骄街道"),
        ({"company": "91150602MA0DEMF00Q"}, "张三（91150602MA0DEMF00Q）", "console 91150602MA0DEMF00Q"),
        ({}, "张三", "console @p-1"),
    ],
)  # fmt: skip
def test_a_person_is_named_with_its_unit_and_has_what_the_unit_has(limits, by, party):
    caller = Caller("console", "工作台", person=ONE, **limits)
    assert (caller.by, caller.party, caller.who) == (by, party, "console p-1")


def test_a_client_without_people_is_itself():
    caller = Caller("hotline", "12345 热线", "government-service-bureau")
    assert {caller.by, caller.party, caller.who} == {"hotline"}


def test_another_person_s_same_key_is_another_key(notebook):
    for person in (ONE, TWO):
        client = notebook.client(name="console", unit="tianjiao-street", person=person)
        client.post("/notes", json={"text": person.name}, headers={"Idempotency-Key": "k"})
    assert notebook.sql("SELECT text FROM notes ORDER BY number") == [("张三",), ("李四",)]


def test_subscriptions_are_the_units_and_not_the_whole_clients(notebook, receiver: Receiver):
    def person(person: Person, unit: str):
        return notebook.client("notebook:subscribe", name="console", unit=unit, person=person)

    one = person(ONE, "tianjiao-street")
    assert subscribe(one, receiver.url).status_code == 201
    [own] = person(TWO, "tianjiao-street").get("/subscriptions").json()
    other = person(TWO, "gongyuan-street")
    assert other.get("/subscriptions").json() == []
    assert other.delete(f"/subscriptions/{own['id']}").status_code == 404
