"""What was counted stays in memory until a fact that it rests on changes, and no longer."""

import asyncio
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from services.property.compounds.models import Compound, Observation
from services.property.coverage.kept import CoverageChange, Kept, Seen, of_streets
from services.property.coverage.standing import OnDays
from services.property.coverage.work import count, streets
from services.property.divisions import Division
from services.property.surveys.form import Status
from tests.property.conftest import row

DAY = date(2024, 6, 24)
STREETS = ("天骄街道", "公园街道")


@pytest.fixture
def database(running):
    """The database of the service that answers, with what its process keeps in mind."""
    return running.app.state.database


@pytest.fixture
def read(running, database):
    """`read()` counts the district's compounds by street as whoever asks is answered: (compounds, covered) of two streets."""

    async def counted():
        async with database.reading() as session:
            return await _by_street(session)

    return lambda: running.call(counted)


async def _by_street(session):
    found = {each.name: each for each in (await count(session, "street", OnDays([DAY])))[DAY]}
    return [(found[name].compounds, found[name].covered) for name in STREETS]


async def _move(session, street):
    other = select(Division.id).where(
        Division.parent_id == select(Division.id).filter_by(name=street).scalar_subquery()
    )
    moved = (
        update(Compound).where(Compound.name == "甲").values(community_id=other.limit(1).scalar_subquery())
    )
    await session.execute(moved)


async def _lose_company(session):
    await session.execute(update(Observation).values(status=Status.NONE, company_id=None))


def test_a_change_that_commits_late_is_not_missed_though_its_compound_has_moved_meanwhile(
    running, database, submit, read
):
    submit(row("甲"), row("乙", street="公园街道", community="公园社区"))
    assert read() == [(1, 1), (1, 1)]

    async def overtaken():
        async with database.transaction() as late:
            await _lose_company(late)
            async with database.transaction() as soon:
                await _move(soon, "公园街道")
            async with database.reading() as session:
                return await _by_street(session)

    assert running.call(overtaken) == [(0, 0), (2, 2)]
    assert read() == [(0, 0), (2, 0)]


def test_whoever_writes_counts_what_nobody_else_sees_and_leaves_nothing_of_it(
    running, database, submit, read
):
    submit(row("甲"))
    assert read()[0] == (1, 1)

    async def taken_back():
        async with database.transaction() as session:
            await _lose_company(session)
            seen = (await _by_street(session))[0]
            await session.rollback()
            return seen

    assert running.call(taken_back) == (1, 0)
    assert read()[0] == (1, 1)


def test_a_table_that_is_emptied_is_noticed(running, submit, read):
    submit(row("甲"))
    assert read()[0] == (1, 1)
    running.sql("TRUNCATE observations CASCADE")
    assert read()[0] == (0, 0)


def test_two_who_ask_the_same_at_once_count_once_and_one_street_alone_is_counted_anew(
    running, database, submit, monkeypatch
):
    submit(row("甲"), row("乙", street="公园街道", community="公园社区"))
    asked = []

    came, both_are_here, alone = [], asyncio.Event(), Kept.alone

    def notice(kept, question):
        came.append(question)
        if len(came) == 2:
            both_are_here.set()
        return alone(kept, question)

    monkeypatch.setattr(Kept, "alone", notice)

    async def look(ids, days):
        asked.append(len(ids))
        await both_are_here.wait()
        return {(id, day): "counted" for id in ids for day in days}

    async def ask():
        async with database.reading() as session:
            wanted = {(each.id, DAY) for each in await streets(session, None)}
            return await of_streets(session, wanted, "test", look)

    async def both():
        return await asyncio.gather(ask(), ask())

    one, other = running.call(both)
    assert one == other
    assert asked == [len(one)]
    running.sql(
        "UPDATE observations SET households = 7 WHERE compound_id = (SELECT id FROM compounds WHERE name = '甲')"
    )
    running.call(ask)
    assert asked == [len(one), 1]


def test_what_holds_from_a_day_on_leaves_the_days_before_it_as_they_were_counted(running, database, submit):
    submit(row("甲"), as_of="2024-06-20")
    asked = []

    async def look(ids, days):
        asked.append(days)
        return {(id, day): 0 for id in ids for day in days}

    async def ask():
        async with database.reading() as session:
            [street] = await streets(session, "天骄街道")
            await of_streets(session, {(street.id, day) for day in (date(2024, 5, 31), DAY)}, "test", look)

    running.call(ask)
    submit(row("甲", Status.NONE), as_of="2024-06-22")
    running.call(ask)
    assert asked == [{date(2024, 5, 31), DAY}, {DAY}]


@pytest.mark.parametrize(
    ("snapshot", "hours", "follows"),
    [("100:120:100,110", 0, True), ("130:130:", 11, True), ("130:130:", 12, False), ("100:119:", 1, False)],
)
def test_a_database_that_has_gone_back_and_changes_of_long_ago_are_not_trusted(
    running, snapshot, hours, follows
):
    known = Seen("100:120:100,110", running.clock.now, "[]")
    later = Seen(snapshot, running.clock.now + timedelta(hours=hours), "[]")
    assert later.follows(known) is follows


class Looking:
    """A session whose look at the changes is answered when `answer` is set."""

    def __init__(self, now):
        self.now, self.answer = now, asyncio.Future()

    async def execute(self, *_):
        snapshot = await self.answer
        return SimpleNamespace(one=lambda: (snapshot, self.now, "[]"))


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_first_looks_at_once_the_one_that_came_first_is_what_the_next_asks_from(running, first):
    async def look():
        kept, sessions = Kept(), [Looking(running.clock.now), Looking(running.clock.now)]
        looks = [asyncio.create_task(kept.forget_changed(session)) for session in sessions]
        await asyncio.sleep(0)
        for index in (first, 1 - first):
            sessions[index].answer.set_result(f"10:{20 + index}:")
            await looks[index]
        return kept._known.snapshot

    assert running.call(look) == f"10:{20 + first}:"


def test_the_most_that_is_kept_is_bounded():
    kept, day = Kept(), timedelta(days=1)
    for number in range(1005):
        kept.keep({("a street", DAY + number * day): number}, "test", {"a street": 0})
    assert len(kept.of({("a street", DAY + number * day) for number in range(1005)}, "test")) == 1000
    assert kept.missing([("a street", DAY)], "test") == [("a street", DAY)]


def test_changes_of_long_ago_are_removed(running, submit):
    submit(row("甲"))
    running.sql("UPDATE coverage_changes SET at = now() - interval '25 hours'")
    submit(row("甲"), as_of="2024-06-21")
    running.tick("forget-old-changes")

    async def left(context):
        return (
            await context.session.scalars(select(CoverageChange.since).order_by(CoverageChange.since))
        ).all()

    assert running.run(left) == [date(2024, 6, 21)]
