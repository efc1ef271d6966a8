"""How who is in charge is answered: the document in force, the absences at the moment, the rules, the words (D-1, D-2, D-3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kit.context import Context
from kit.district import units
from kit.district.clock import local_day
from kit.district.named_units import named
from kit.web.problems import FieldError, Invalid
from services.office.in_charge.shapes import (
    ActingOut,
    ChargeOut,
    DocumentInForce,
    InChargeOut,
    LinkOut,
    PersonInPost,
    PostOut,
    PostsOut,
)
from services.office.leaders import work as leaders
from services.office.leaders.absences import away_at, holders_on
from services.office.leaders.models import DivisionDocument, Leader
from services.office.plan import in_charge as rules
from services.office.plan.division import Relation
from services.office.plan.in_charge import Charge, Division, InCharge, Standing, Why
from services.office.plan.posts import OF_UNIT, AskedPost, RecordedPost


@dataclass(frozen=True)
class Moment:
    """What decides at a moment: the document in force, as the rules take it, and who is away until when."""

    at: datetime
    document: DivisionDocument
    division: Division
    away: dict[str, datetime | None]

    def person(self, leader: str) -> PersonInPost:
        """A leader with the post that the document in force prints."""
        return PersonInPost.of(self.division.known[leader], leader=leader)

    def acting(self, acting: rules.Acting) -> ActingOut:
        """Who acts, in words and links."""
        return ActingOut(
            acting=self.person(acting.acting) if acting.acting else None,
            how=acting.how,
            sentence=rules.in_words(self.division, acting),
            chain=[self._link(each) for each in acting.chain],
            others=[self.person(each) for each in acting.others],
        )

    def _link(self, link: rules.Link) -> LinkOut:
        instead = self.division.known[link.instead_of].name if link.instead_of else None
        return LinkOut(
            leader=self.person(link.leader),
            why=link.why,
            instead_of=instead,
            away=link.away,
            away_until=self.away.get(link.leader),
            clause=link.why.clause,
            document=self.division.number,
        )

    def charges(self, charges: Iterable[Charge]) -> list[ChargeOut]:
        """Leaders' relations to a unit, each with who acts in it."""
        return [
            ChargeOut.of(
                self.acting(each.acting),
                leader=self.person(each.tie.leader),
                written=each.tie.written,
                scope=each.tie.scope,
            )
            for each in charges
        ]


async def moment(context: Context, at: datetime) -> Moment:
    """What decides at a moment. Raises: NotFound where no document is in force yet."""
    document = await leaders.in_force(context, local_day(at))
    return Moment(at, document, division_of(document), await away_at(context, at))


def division_of(document: DivisionDocument) -> Division:
    """A document as the rules take it."""
    return Division(
        number=document.number,
        leaders=tuple(rules.Leader(each.leader, each.name, each.post) for each in document.leaders),
        head=next(each.leader for each in document.leaders if each.directs_all),
        ties=tuple(
            rules.Tie(unit.by, Relation(unit.relation), unit.unit, unit.written, unit.scope, unit.helps)
            for each in document.leaders
            for unit in each.units
        ),
        pairs=tuple((each.one, each.other) for each in document.pairs),
    )


async def in_charge(context: Context, asked: str, at: datetime) -> InChargeOut:
    """Who is in charge of a unit at a moment, and who acts.

    Raises: NotFound where no document is in force yet; Invalid where nobody knows the unit.
    """
    now = await moment(context, at)
    unit = units.resolve(asked) or next((each for each in units.units() if each.id == asked), None)
    if unit is None:
        raise _unknown_unit(now, asked)
    found = rules.in_charge_of(now.division, unit.id, now.away)
    return InChargeOut.of(
        unit=named(unit.id),
        at=at,
        document=DocumentInForce.of(now.document),
        standing=found.standing,
        sentence=_in_words(now, unit.name, found),
        charges=now.charges(found.charges),
        helpers=now.charges(found.helpers),
        contacts=now.charges(found.contacts),
        presiding=now.charges(found.presiding),
    )


def _unknown_unit(now: Moment, asked: str) -> Invalid:
    those = [each for each in now.document.leaders if asked in each.fields]
    field = "".join(f"“{asked}”是{each.name}负责的工作，不是单位。" for each in those)
    return Invalid(
        "unknown-unit",
        f"没有名为“{asked}”的单位，请核对文件中的写法。{field}",
        errors=[FieldError(pointer="?unit", reason="不是已知的单位名称、别名或编号")],
    )


def _in_words(now: Moment, unit: str, found: InCharge) -> str:
    def all_of(charges: Iterable[Charge]) -> str:
        told = (_of_leader(now, each).removesuffix("。") for each in charges)
        return "；".join(told) + "。"

    match found.standing:
        case Standing.CONTACT_ONLY:
            return f"分工文件没有写明{unit}由谁分管，只写明联系：{all_of(found.contacts)}"
        case Standing.NOBODY:
            acting = rules.in_words(now.division, found.charges[0].acting)
            head = now.person(now.division.head)
            return f"分工文件没有写明{unit}由谁分管，由主持全面工作的{head.post}{head.name}负责；{acting}"
    helped = "".join(
        f"{now.person(each.tie.leader).name}协助{now.division.known[each.tie.helps].name}分管。"
        for each in found.helpers
        if each.tie.helps
    )
    return f"{unit}：{all_of(found.charges)}{helped}"


def _of_leader(now: Moment, charge: Charge) -> str:
    them, tie = now.person(charge.tie.leader), charge.tie
    scope = f"（{tie.scope}）" if tie.scope else ""
    acts = rules.in_words(now.division, charge.acting, "联系" if tie.relation is Relation.CONTACT else "负责")
    return f"由{them.post}{them.name}{tie.relation.zh}{scope}，{acts}"


async def posts(context: Context, at: datetime) -> PostsOut:
    """Who holds the posts of the leadership at a moment. Raises: NotFound where no document is in force yet."""
    now = await moment(context, at)
    recorded = await holders_on(context, local_day(at))
    return PostsOut.of(
        at=at,
        document=DocumentInForce.of(now.document),
        posts=[_post(now, each, recorded) for each in AskedPost],
    )


def _post(now: Moment, post: AskedPost, recorded: dict[RecordedPost, Leader]) -> PostOut:
    if post in OF_UNIT:
        return _of_unit(now, post)
    if post is AskedPost.HEAD:
        return _of_holder(now, post, now.person(now.division.head), Why.DIRECTS_ALL)
    if (holder := recorded.get(RecordedPost(post))) is not None:
        printed = holder.slug in now.division.known
        person = PersonInPost(leader=holder.slug, name=holder.name, post=post.zh)
        return _of_holder(now, post, now.person(holder.slug) if printed else person, Why.POST)
    sentence = f"没有登记谁担任{post.zh}；分工文件没有写明，请区政府办公室凭任职依据登记。"
    return PostOut(post=post, name=post.zh, holder=None, acting=None, sentence=sentence, chain=[])


def _of_unit(now: Moment, post: AskedPost) -> PostOut:
    """The post of whoever is in charge of a unit, in which a partner acts."""
    unit = OF_UNIT[post]
    found = rules.in_charge_of(now.division, unit, now.away)
    sentence = _in_words(now, units.unit(unit).name, found)
    charge = rules.first_of(found.charges)
    if charge is None:
        return PostOut(post=post, name=post.zh, holder=None, acting=None, sentence=sentence, chain=[])
    holder = now.person(charge.tie.leader)
    acting = now.acting(charge.acting)
    return PostOut(
        post=post,
        name=post.zh,
        holder=holder,
        acting=acting.acting,
        sentence=sentence,
        chain=acting.chain,
    )


def _of_holder(now: Moment, post: AskedPost, holder: PersonInPost, why: Why) -> PostOut:
    """A post that somebody holds: a partner takes over units and not the post, so that nobody acts in it."""
    away = holder.leader in now.away
    if away:
        sentence = f"{holder.name}外出；AB角只接替分管和联系的工作，文件没有写明由谁代行{post.zh}职务。"
    else:
        sentence = f"{post.zh}{holder.name}在岗，由本人负责。"
    link = LinkOut(
        leader=holder,
        why=why,
        instead_of=None,
        away=away,
        away_until=now.away.get(holder.leader),
        clause=why.clause,
        document=now.division.number,
    )
    return PostOut(
        post=post,
        name=post.zh,
        holder=holder,
        acting=None if away else holder,
        sentence=sentence,
        chain=[link],
    )
