"""What was known on an earlier day: coverage as it was counted then, whatever was said, corrected and removed since."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from kit.storage.db import new_id
from services.property.committees.models import Committee
from services.property.companies import Company
from services.property.compounds.models import Compound, Observation, RedProperty
from services.property.contracts.models import Contract
from services.property.coverage.standing import OnDays
from services.property.coverage.work import count
from services.property.divisions import Division
from services.property.surveys.form import Status
from tests.property.conftest import hand_in, row, workbook

DAYS = (date(2024, 3, 1), date(2024, 6, 1), date(2024, 12, 31))
BEGUN = {"term_ends_on": date(2029, 1, 1), "members": 5, "party_members": 2, "has_party_organisation": True}


async def _surveyed(session, compound, day, firm):
    company = await session.scalar(select(Company.id).limit(1))
    survey = await session.scalar(select(Observation.survey_id).limit(1))
    key = {"compound_id": compound, "as_of": day}
    await session.execute(delete(Observation).filter_by(**key))
    says = {"status": "专业化物业管理", "company_id": company} if firm else {"status": "无物业"}
    figures = {"members": 3 if firm else 0, "households": 100, "added": {}, "position": 0}
    known = {"survey_id": survey, "recorded_at": session.info["now"]}
    await session.execute(insert(Observation).values(**key, **says, **figures, **known))


async def _unsaid(session, compound, day, _):
    await session.execute(
        delete(Observation).where(Observation.compound_id == compound, Observation.as_of > day)
    )


async def _formed(session, compound, day, _):
    await session.execute(delete(Committee).filter_by(compound_id=compound, dissolved_on=None))
    session.add(Committee(compound_id=compound, kind="owners_committee", formed_on=day, **BEGUN))


async def _dissolved(session, compound, day, _):
    over = update(Committee).where(Committee.compound_id == compound, Committee.formed_on <= day)
    await session.execute(over.values(dissolved_on=day))


async def _red(session, compound, day, named):
    if named:
        await session.execute(delete(RedProperty).filter_by(compound_id=compound, withdrawn_on=None))
        session.add(RedProperty(compound_id=compound, designated_on=day))
        return
    over = update(RedProperty).where(RedProperty.compound_id == compound, RedProperty.designated_on < day)
    await session.execute(over.values(withdrawn_on=day))


async def _filed(session, compound, day, filed):
    await session.execute(delete(Contract).filter_by(compound_id=compound))
    company = await session.scalar(select(Company.id).limit(1))
    state = {"state": "filed", "filed_on": day} if filed else {"state": "signed"}
    term = {"signed_on": day, "starts_on": day, "ends_on": day + timedelta(days=200)}
    session.add(Contract(compound_id=compound, company_id=company, **state, **term))


async def _retired(session, compound, day, again):
    row = await session.get(Compound, compound)
    row.retired_on = None if again else day


async def _merged(session, compound, _, __):
    into = await session.scalar(select(Compound.id).where(Compound.id != compound).limit(1))
    said = select(Observation.as_of).where(Observation.compound_id == into)
    own = Observation.compound_id == compound
    await session.execute(delete(Observation).where(own, Observation.as_of.in_(said.scalar_subquery())))
    await session.execute(update(Observation).where(own).values(compound_id=into))


async def _moved(session, compound, _, first):
    order = Division.name if first else Division.name.desc()
    street = await session.scalar(select(Division.id).filter_by(kind="street").order_by(order).limit(1))
    community = Division(id=new_id(), kind="community", parent_id=street, name=f"{new_id()}社区")
    session.add(community)
    await session.flush()
    (await session.get(Compound, compound)).community_id = community.id


STEPS = (_surveyed, _unsaid, _formed, _dissolved, _red, _filed, _retired, _merged, _moved)
steps = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 2), st.dates(date(2024, 1, 1), DAYS[-1]), st.booleans()),
    min_size=8,
    max_size=14,
)


@pytest.mark.clause("P-1.1", "P-1.2", "P-1.3", "P-2.2.5")
@given(steps=steps)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_coverage_is_what_stands_and_as_known_at_a_moment_what_was_counted_at_that_moment(
    running, centre, steps
):
    streets = {"甲": "天骄街道", "乙": "天骄街道", "丙": "公园街道"}
    names = [row(name, street=street, community=f"{name}社区") for name, street in streets.items()]
    hand_in(centre, workbook(*names), "2024-01-01", others="drop")
    ids = [id for (id,) in running.sql("SELECT id FROM compounds ORDER BY id")]

    async def take(context, step):
        act, which, day, flag = step
        await act(context.session, ids[which], day, flag)

    async def counted(context, at=None):
        return await count(context.session, "community", OnDays(DAYS, at))

    async def day_by_day(context):
        return {day: (await count(context.session, "community", OnDays([day])))[day] for day in DAYS}

    async def answered():
        async with running.app.state.database.reading() as session:
            return await count(session, "community", OnDays(DAYS))

    then = []
    for step in steps:
        running.clock.advance(hours=1)
        running.run(take, step)
        then.append((running.clock.now, running.run(counted)))
        assert running.run(day_by_day) == then[-1][1]  # of many days what changes alone is looked at
        assert running.call(answered) == then[-1][1]  # whatever was kept of what was counted before
    assert [running.run(counted, at) for at, _ in then] == [coverage for _, coverage in then]


def test_what_a_replaced_survey_removed_is_answered_as_it_was_known(running, centre, submit):
    submit(row("甲"), row("乙"))
    before = running.clock.now
    running.clock.advance(hours=1)
    dropped = hand_in(centre, workbook(row("甲", Status.NONE)), others="drop")
    assert dropped.status_code == 201
    assert _counts(centre) == (1, 0)
    assert _counts(centre, known_at=before.isoformat()) == (2, 2)
    assert _counts(centre, known_at="2024-06-24T09:29:59+08:00") == (0, 0)


def test_a_survey_that_was_taken_back_is_known_until_then(running, centre, submit):
    survey = submit(row("甲")).json()["survey"]
    before = running.clock.now
    running.clock.advance(days=1)
    assert centre.post(f"/surveys/{survey}/withdraw", json={"reason": "日期填错"}).status_code == 200
    assert _counts(centre) == (0, 0)
    assert _counts(centre, known_at=before.isoformat()) == (1, 1)


def test_two_compounds_that_were_one_are_counted_twice_as_long_as_nobody_knew(running, centre, submit):
    submit(row("甲"), row("甲小区"))
    one, other = (each["id"] for each in centre.get("/compounds").json()["items"])
    before = running.clock.now
    running.clock.advance(days=1)
    merged = centre.post(f"/compounds/{one}/withdraw", json={"into": other, "reason": "同一小区"})
    assert merged.status_code == 200
    assert _counts(centre) == (1, 1)
    assert _counts(centre, known_at=before.isoformat()) == (2, 2)


def test_what_will_be_known_nobody_can_say(centre):
    refused = centre.get("/coverage", params={"known_at": "2024-06-24T10:30:00+08:00"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "?known_at")


def test_a_fact_of_a_bulk_statement_keeps_its_former_version_once_and_one_of_the_same_moment_none(
    running, centre, submit
):
    submit(*(row(f"小区{number}") for number in range(50)))
    running.clock.advance(hours=1)

    async def raise_fees(context, fee):
        await context.session.execute(update(Observation).values(fee=fee))

    running.run(raise_fees, 1)
    running.run(raise_fees, 2)
    kept = running.sql("SELECT count(*), count(DISTINCT known_until) FROM former_rows")
    assert kept == [(50, 1)]


def test_a_trial_that_is_taken_back_leaves_the_services_time_behind_it(running, centre, submit):
    submit(row("甲"))
    running.clock.advance(hours=1)

    async def try_and_write(context):
        trial = await context.session.begin_nested()
        await context.session.execute(update(Compound).values(retired_on=date(2024, 1, 1)))
        await trial.rollback()
        await context.session.execute(update(Compound).values(retired_on=date(2024, 2, 1)))

    running.run(try_and_write)
    [(known_from,)] = running.sql("SELECT known_from FROM compounds")
    assert known_from == running.clock.now


def _counts(client, **params):
    [district] = client.get("/coverage", params={"on": "2024-06-24"} | params).json()["items"]
    return district["compounds"], district["covered"]
