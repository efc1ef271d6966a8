"""Whose a thing is decides who may touch it: the table of docs/ownership.md, row by row."""

import pytest
from sqlalchemy import column, select

from kit.web.caller import Caller
from kit.web.ownership import UNKNOWN, Belonging, Owner, Whose
from tests.kit.notebook.app import service

DISTRICT = Caller("office")
STREET = Caller("street", division="天骄街道")
COMPANY = Caller("company", company="91150602MA0DEMF00Q")


@pytest.mark.parametrize(
    ("whose", "street_reads", "street_writes", "company_reads"),
    [
        (Whose.EVERYBODYS, True, True, True),
        (Whose.DISTRICTS, True, False, False),
        (Whose.WHOLE, False, False, False),
        (Whose.PLACES, True, True, True),
        (Whose.UNITS, True, True, True),
        (Whose.CLIENTS, True, True, True),
    ],
)
def test_what_a_limited_token_may_use_at_all(whose, street_reads, street_writes, company_reads):
    assert whose.admits(STREET, writes=False) is street_reads
    assert whose.admits(STREET, writes=True) is street_writes
    assert whose.admits(COMPANY, writes=False) is company_reads
    assert whose.admits(DISTRICT, writes=True)


@pytest.mark.parametrize(
    ("owner", "reads", "writes"),
    [
        (Owner("天骄街道"), True, True),
        (Owner("tianjiao-street"), True, True),
        (Owner("公园街道"), False, False),
        (Owner(), True, False),
        (Owner(UNKNOWN), False, False),
        (Owner("天骄街道", client="another"), False, False),
    ],
)
def test_a_street_touches_its_own_and_reads_the_districts(owner, reads, writes):
    assert owner.lets(STREET, writes=False) is reads
    assert owner.lets(STREET, writes=True) is writes


@pytest.mark.parametrize(
    ("owner", "lets"),
    [
        (Owner("公园街道", COMPANY.company), True),
        (Owner("公园街道", "91110000600037341L"), False),
        (Owner("公园街道"), False),
        (Owner(), False),
    ],
)
def test_a_company_touches_only_what_is_its_own(owner, lets):
    assert owner.lets(COMPANY, writes=False) is owner.lets(COMPANY, writes=True) is lets


def test_whoever_is_limited_to_nobody_touches_everything_but_another_clients():
    for owner in (Owner(), Owner(UNKNOWN), Owner("公园街道", "91110000600037341L"), Owner(client="office")):
        assert owner.lets(DISTRICT, writes=True)
    assert not Owner(client="another").lets(DISTRICT, writes=False)


@pytest.mark.parametrize(
    ("belonging", "caller", "condition"),
    [
        (Belonging(division=column("street")), DISTRICT, ""),
        (
            Belonging(division=column("street")),
            STREET,
            "street IN ('天骄街道', 'tianjiao-street') OR street IS NULL",
        ),
        (Belonging(column("street"), shared=False), STREET, "street IN ('天骄街道', 'tianjiao-street')"),
        (Belonging(company=column("uscc")), STREET, ""),
        (Belonging(column("street"), column("uscc")), COMPANY, "uscc = '91150602MA0DEMF00Q'"),
        (Belonging(division=column("street")), COMPANY, "false"),
    ],
)
def test_a_list_is_narrowed_by_the_same_rule(belonging, caller, condition):
    query = belonging.narrow(caller, select(column("id")))
    written = " ".join(str(query.compile(compile_kwargs={"literal_binds": True})).split())
    assert written == " WHERE ".join(filter(None, ("SELECT id", condition)))


def test_an_endpoint_that_forgets_to_ask_whose_its_thing_is_is_not_answered_and_writes_nothing(serve):
    running = serve(service)
    assert running.client().post(f"/notes/{'0' * 32}/owned").status_code == 500
    assert running.sql("SELECT count(*) FROM notes") == [(0,)]
