"""The rules of who acts (D-1, D-2), by themselves: laws over any division and any absences."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district.reference import read
from services.office.plan.division import DivisionIn, Relation
from services.office.plan.in_charge import (
    Division,
    How,
    Leader,
    Standing,
    Tie,
    Why,
    first_of,
    in_charge_of,
    in_words,
    who_acts,
)

NAMES = tuple("abcdefgh")


@st.composite
def divisions(draw) -> Division:
    """Some leaders, one of them the head, in any pairs."""
    known = NAMES[: draw(st.integers(1, len(NAMES)))]
    leaders = tuple(Leader(each, each.upper(), "副区长") for each in known)
    one = st.sampled_from(known)
    pairs = draw(
        st.lists(st.tuples(one, one).filter(lambda two: two[0] != two[1]), max_size=9, unique_by=frozenset)
        if len(known) > 1
        else st.just([])
    )
    ties = draw(
        st.lists(
            st.builds(
                Tie,
                leader=one,
                relation=st.sampled_from([Relation.CHARGE, Relation.CONTACT]),
                unit=st.sampled_from(["u", "v"]),
                written=st.just("写法"),
                scope=st.sampled_from([None, "医药"]),
            ),
            max_size=5,
        )
    )
    return Division("文号", leaders, draw(one), tuple(ties), tuple(pairs))


def reachable(division: Division, leader: str) -> set[str]:
    """Everybody to whom pairs lead from a leader, the leader not counted in."""
    found, left = {leader}, [leader]
    while left:
        fresh = set(division.partners(left.pop())) - found
        found |= fresh
        left += fresh
    return found - {leader}


asked = st.tuples(divisions(), st.sets(st.sampled_from(NAMES)), st.sampled_from(NAMES)).filter(
    lambda found: found[2] in found[0].known
)


@pytest.mark.clause("D-2")
@given(asked)
def test_whoever_acts_is_there_and_nobody_acts_only_where_the_documents_name_nobody(question):
    division, away, leader = question
    found = who_acts(division, leader, Why.CHARGE, away)
    others = reachable(division, leader)
    if leader not in away:
        assert (found.acting, found.how) == (leader, How.HIMSELF)
    elif others - away:
        assert found.acting in others - away
        nearest = [each for each in division.partners(leader) if each not in away]
        assert (found.how is How.PARTNER) == bool(nearest)
        assert not nearest or found.acting == nearest[0]
        assert set(found.others) <= others - away - {found.acting}
    elif division.head not in away:
        assert (found.acting, found.how) == (division.head, How.HEAD)
    else:
        assert (found.acting, found.how) == (None, How.NOBODY)
    assert found.acting is None or found.acting not in away


@pytest.mark.clause("D-2")
@given(asked)
def test_a_chain_begins_with_the_leader_goes_by_printed_pairs_alone_and_comes_to_nobody_twice(question):
    division, away, leader = question
    chain = who_acts(division, leader, Why.CONTACT, away).chain
    assert (chain[0].leader, chain[0].why, chain[0].instead_of) == (leader, Why.CONTACT, None)
    assert len({each.leader for each in chain}) == len(chain)
    pairs = {frozenset(pair) for pair in division.pairs}
    for place, link in enumerate(chain[1:], 1):
        assert link.away == (link.leader in away)
        assert link.instead_of in {each.leader for each in chain[:place]}
        if link.why is Why.PARTNER:
            assert frozenset((link.leader, link.instead_of)) in pairs
        else:
            assert (link.why, link.leader) == (Why.DIRECTS_ALL, division.head)
            assert place == len(chain) - 1
    assert all(each.away for each in chain[:-1])


@pytest.mark.clause("D-1", "D-2")
@given(divisions(), st.sets(st.sampled_from(NAMES)), st.sampled_from(["u", "v"]))
def test_a_unit_is_answered_with_all_whom_the_document_names_in_its_order_and_in_words(division, away, unit):
    found = in_charge_of(division, unit, away)
    named = [tie for tie in division.ties if (tie.unit, tie.relation) == (unit, Relation.CHARGE)]
    contacts = [tie for tie in division.ties if (tie.unit, tie.relation) == (unit, Relation.CONTACT)]
    assert [each.tie for each in found.contacts] == contacts
    if named:
        assert [each.tie for each in found.charges] == named
        assert found.standing is (Standing.SHARED if len({tie.leader for tie in named}) > 1 else Standing.ONE)
        whole = [tie for tie in named if tie.scope is None]
        assert first_of(found.charges).tie == (whole or named)[0]
    elif contacts:
        assert (found.standing, found.charges) == (Standing.CONTACT_ONLY, ())
        assert first_of(found.charges) is None
    else:
        assert found.standing is Standing.NOBODY
        assert [each.tie.leader for each in found.charges] == [division.head]
    for each in (*found.charges, *found.contacts):
        said = in_words(division, each.acting)
        assert said.endswith("。")
        assert each.acting.acting is None or division.known[each.acting.acting].name in said


# ---------------------------------------------------------------------------------------------- the document itself
def loaded() -> DivisionIn:
    return DivisionIn.of(read(Path("services/office/plan/data/divisions/2024-06-07.yaml")))


@pytest.mark.clause("D-1")
def test_the_document_of_2024_has_every_leader_unit_and_pair():
    division = loaded()
    assert len(division.leaders) == 19
    assert sum(len(each.in_charge) for each in division.leaders) == 52
    assert sum(len(each.in_contact) for each in division.leaders) == 51
    assert [each.leader for each in division.leaders if each.directs_all] == ["han-tao"]
    names = {each.leader: each.name for each in division.leaders}
    assert [(names[each.one], names[each.other]) for each in division.pairs] == [
        ("杜娟", "高明"),
        ("史雪松", "王志"),
        ("杨云", "张兵"),
        ("张建功", "王生荣"),
        ("海霞", "史雪松"),
        ("薛阳", "王志"),
        ("王慧春", "杨云"),
    ]
