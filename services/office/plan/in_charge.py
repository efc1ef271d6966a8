"""Who is in charge of a unit, and who acts while leaders are away (D-1, D-2); pure.

A division is asked as of one moment: `away` are the leaders who are away then. Every question has an answer that says how it came
about; where the documents name nobody, the answer is that nobody is named.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from kit.web.shapes import Choice
from services.office.plan.division import Relation


@dataclass(frozen=True, slots=True)
class Leader:
    """A leader as a division document has it (领导)."""

    slug: str
    name: str
    post: str


@dataclass(frozen=True, slots=True)
class Tie:
    """A leader's relation to a unit, as written, with what the document limits it to (分工关系)."""

    leader: str
    relation: Relation
    unit: str
    written: str
    scope: str | None = None
    helps: str | None = None


@dataclass(frozen=True)
class Division:
    """What a division document says: its leaders, whoever directs all, units and pairs, in the printed order."""

    number: str
    leaders: tuple[Leader, ...]
    head: str
    ties: tuple[Tie, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    @cached_property
    def known(self) -> dict[str, Leader]:
        """The leaders by slug."""
        return {each.slug: each for each in self.leaders}

    def partners(self, leader: str) -> Iterator[str]:
        """Those with whom a leader stands in a pair, in the order in which the pairs are printed."""
        for one, other in self.pairs:
            if leader == one:
                yield other
            elif leader == other:
                yield one

    def of_unit(self, unit: str, relation: Relation) -> tuple[Tie, ...]:
        """The leaders who are this to a unit."""
        return tuple(tie for tie in self.ties if tie.unit == unit and tie.relation is relation)


class Why(Choice):
    """Why somebody stands in a chain (环节理由)."""

    CHARGE = "charge", "分管"
    HELP = "help", "协助分管"
    CONTACT = "contact", "联系"
    PRESIDE = "preside", "主持工作"
    POST = "post", "担任职务"
    PARTNER = "partner", "AB角"
    DIRECTS_ALL = "directs_all", "主持全面工作"

    @property
    def clause(self) -> str:
        """The clause that says so."""
        return "D-2" if self is Why.PARTNER else "D-1"


class How(Choice):
    """How it came about who acts (代行方式)."""

    HIMSELF = "himself", "本人在岗"
    PARTNER = "partner", "由AB角代行"
    ONWARD = "onward", "AB角也外出，沿AB角依次代行"
    HEAD = "head", "没有AB角可代行，由主持全面工作的领导负责"
    NOBODY = "nobody", "文件没有写明由谁代行"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain: who, why, in whose place (None at its beginning), and whether away."""

    leader: str
    why: Why
    away: bool
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts (None where nobody is named), how that came about, and everybody who was asked, in order.

    others: further partners who are there as well, and do not act since their pair is printed later.
    """

    acting: str | None
    how: How
    chain: tuple[Link, ...]
    others: tuple[str, ...] = ()


def who_acts(division: Division, leader: str, why: Why, away: Collection[str]) -> Acting:
    """Who acts for a leader: the leader, else the first partner who is there, else on along the partners' pairs.

    Where that comes round and everybody is away, the head acts, who directs all; where the head is away, nobody is named.
    """
    chain = [Link(leader, why, leader in away)]
    if leader not in away:
        return Acting(leader, How.HIMSELF, tuple(chain))
    asked, level = {leader}, [leader]
    while level:
        fresh = [each for each in _partners(division, level) if each.leader not in asked]
        new = list({each.leader: each for each in reversed(fresh)}.values())[::-1]
        asked |= {each.leader for each in new}
        links = [Link(each.leader, Why.PARTNER, each.leader in away, each.instead_of) for each in new]
        there = [each for each in links if not each.away]
        if there:
            how = How.PARTNER if level == [leader] else How.ONWARD
            before = links[: links.index(there[0])]
            others = tuple(each.leader for each in there[1:])
            return Acting(there[0].leader, how, (*chain, *before, there[0]), others)
        chain += links
        level = [each.leader for each in links]
    return _nobody_of_the_pairs(division, leader, away, chain)


def _partners(division: Division, level: list[str]) -> Iterator[Link]:
    """The partners of those who are asked together, each with the one in whose place it is."""
    for each in level:
        for partner in division.partners(each):
            yield Link(partner, Why.PARTNER, away=False, instead_of=each)


def _nobody_of_the_pairs(division: Division, leader: str, away: Collection[str], chain: list[Link]) -> Acting:
    head = division.head
    if head not in {link.leader for link in chain}:
        chain.append(Link(head, Why.DIRECTS_ALL, head in away, leader))
    if head in away:
        return Acting(None, How.NOBODY, tuple(chain))
    return Acting(head, How.HEAD, tuple(chain))


class Standing(Choice):
    """What the document says about who is in charge of a unit (分管情况)."""

    ONE = "one", "一位领导分管"
    SHARED = "shared", "多位领导分别分管"
    CONTACT_ONLY = "contact_only", "只有领导联系，没有领导分管"
    NOBODY = "nobody", "没有写明由谁分管，由主持全面工作的领导负责"


@dataclass(frozen=True, slots=True)
class Charge:
    """A leader's relation to the unit, and who acts in it."""

    tie: Tie
    acting: Acting


@dataclass(frozen=True, slots=True)
class InCharge:
    """Who is in charge of a unit, each with a scope where the document limits it; who helps, is in contact, presides."""

    standing: Standing
    charges: tuple[Charge, ...]
    helpers: tuple[Charge, ...]
    contacts: tuple[Charge, ...]
    presiding: tuple[Charge, ...]


def in_charge_of(division: Division, unit: str, away: Collection[str]) -> InCharge:
    """Who is in charge of a unit by the division, and who acts (D-1, D-2)."""

    def those(relation: Relation, why: Why) -> tuple[Charge, ...]:
        ties = division.of_unit(unit, relation)
        return tuple(Charge(tie, who_acts(division, tie.leader, why, away)) for tie in ties)

    charges = those(Relation.CHARGE, Why.CHARGE)
    contacts = those(Relation.CONTACT, Why.CONTACT)
    if charges:
        standing = Standing.SHARED if len({each.tie.leader for each in charges}) > 1 else Standing.ONE
    elif contacts:
        standing = Standing.CONTACT_ONLY
    else:
        standing = Standing.NOBODY
        tie = Tie(division.head, Relation.CHARGE, unit, "")
        charges = (Charge(tie, who_acts(division, division.head, Why.DIRECTS_ALL, away)),)
    return InCharge(
        standing=standing,
        charges=charges,
        helpers=those(Relation.HELP, Why.HELP),
        contacts=contacts,
        presiding=those(Relation.PRESIDE, Why.PRESIDE),
    )


def first_of(charges: tuple[Charge, ...]) -> Charge | None:
    """Of those who are in charge, the first whom the document limits to nothing, else the first; None where nobody is."""
    return next((each for each in charges if each.tie.scope is None), next(iter(charges), None))


def in_words(division: Division, acting: Acting, does: str = "负责") -> str:
    """How it came about who acts, as a Chinese sentence; does: what whoever acts does."""
    first, last = acting.chain[0], acting.chain[-1]
    names = {slug: each.name for slug, each in division.known.items()}
    them = names[first.leader]
    asked = "、".join(
        names[link.leader] for link in acting.chain[1:] if link.away and link.why is Why.PARTNER
    )
    match acting.how:
        case How.HIMSELF:
            return f"{them}在岗，由本人{does}。"
        case How.PARTNER:
            also = "，排在前面的AB角" + asked + "也外出" if asked else ""
            told = f"{them}外出{also}，由AB角{names[last.leader]}代行。"
        case How.ONWARD:
            assert last.instead_of is not None
            told = f"{them}和AB角{asked}都外出，沿AB角依次查找，由{names[last.instead_of]}的AB角{names[last.leader]}代行。"
        case How.HEAD | How.NOBODY:
            return _without_partner(names, acting, them, asked, names[division.head])
    if acting.others:
        told += f"另有AB角{'、'.join(names[each] for each in acting.others)}在岗，文件中排在后面。"
    return told


def _without_partner(names: dict[str, str], acting: Acting, them: str, asked: str, head: str) -> str:
    first = acting.chain[0]
    if asked:
        why = f"{them}和AB角{asked}都外出，依次查找又回到{them}"
    elif names[first.leader] == head:
        return f"主持全面工作的{head}外出，文件没有写明由谁代行。"
    else:
        why = f"{them}外出，文件没有给{them}安排AB角"
    if acting.how is How.HEAD:
        return f"{why}，由主持全面工作的{head}负责。"
    return f"{why}；主持全面工作的{head}也外出，文件没有写明由谁代行。"
