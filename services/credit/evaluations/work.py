"""How an evaluation goes from opened to its lists: computed by one statement, frozen, and computed again to verify."""

from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Date, cast, delete, exists, func, select, text
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.district.workdays import add_workdays
from kit.storage import db
from kit.web.problems import Conflict, FieldError, Invalid
from services.credit.evaluations.models import EVALUATIONS, Evaluation, Lead, Objection, Result
from services.credit.plan.scheme import Scheme
from services.credit.records.models import Amendment, Record
from services.credit.schemes.work import the_scheme
from services.credit.scoring.statement import ScoreOf, scores

CLAUSES: Final = ("P-2.3.2a", "P-2.3.2b")
#: So that nothing is sorted on disk, and all cores are made use of.
_GENEROUS: Final = ("work_mem = '256MB'", "parallel_tuple_cost = 0.001", "parallel_setup_cost = 0")
_KEPT: Final = "score, grade, base, good, bad, serious, vetoed, listed"
#: Sums without the zeros at their ends; a score keeps its places.
_TRIMMED: Final = ", ".join(
    f"trim_scale(s.{column})" if column in ("base", "good", "bad", "serious") else f"s.{column}"
    for column in _KEPT.split(", ")
)
_COLUMNS: Final = ", ".join(f"s.{column}" for column in _KEPT.split(", "))


async def open_evaluation(context: Context, begins_on: date, ends_on: date, code: str | None) -> Evaluation:
    """Open the evaluation of a period under the scheme in force on its last day, or under the one that is named.

    Raises: Invalid for a period that begins before the last one ends; Conflict.
    """
    if not begins_on < ends_on <= begins_on + timedelta(days=366):
        raise Invalid(
            "bad-period",
            "评价周期的最后一天在第一天之后，最长一年，请核对日期。",
            errors=[FieldError(pointer="/ends_on", reason=f"{begins_on} 至 {ends_on}")],
            clauses=CLAUSES,
        )
    if begins_on > context.today:
        raise Invalid(
            "bad-period",
            "评价周期还没有开始，请在开始后启动。",
            errors=[FieldError(pointer="/begins_on", reason="晚于今天")],
            clauses=CLAUSES,
        )
    # One after the other, so that two periods opened at once do not overlap.
    await context.session.execute(text("LOCK TABLE evaluations IN SHARE ROW EXCLUSIVE MODE"))
    standing = select(func.max(Evaluation.ends_on)).where(Evaluation.state != "cancelled")
    last = await context.session.scalar(standing)
    if last is not None and begins_on <= last:
        raise Invalid(
            "overlapping-evaluation",
            f"评价周期应在以前的之后：已有到 {last} 为止的一次。那一次有误、还没有公示的，可以先取消。",
            errors=[FieldError(pointer="/begins_on", reason=f"应在 {last} 之后")],
            clauses=CLAUSES,
        )
    scheme = await the_scheme(context.session, code, ends_on)
    row = Evaluation(id=db.new_id(), begins_on=begins_on, ends_on=ends_on, scheme=scheme.code, state="opened")
    try:
        await EVALUATIONS.begin(context, row, scheme=scheme.code)
    except IntegrityError:  # another opened the same period meanwhile
        raise Conflict("evaluation-exists", "这个周期的信用评价已经启动。", clauses=CLAUSES) from None
    return row


async def compute(context: Context, row: Evaluation) -> int:
    """Compute all results anew by what is known now, in one statement for companies and one for projects.

    Once results are published, what is entered takes part no more; what is said of that which does still counts.

    Nobody enters anything meanwhile, so that the number up to which information is known says exactly what was known.
    Returns how many results there are.

    Raises: Conflict before the period is over.
    """
    if context.today <= row.ends_on:
        raise Conflict(
            "period-not-over",
            f"评价周期到 {row.ends_on} 为止，之后才能计算。",
            clauses=CLAUSES,
            ends_on=str(row.ends_on),
        )
    await context.session.execute(text("LOCK TABLE records, amendments IN SHARE MODE"))
    for setting in _GENEROUS:
        await context.session.execute(text(f"SET LOCAL {setting}"))
    row.known_to = await _last_known(context)
    if row.published_on is None:
        row.entered_to = row.known_to
    row.computed_at = context.now
    await context.session.execute(delete(Result).where(Result.evaluation_id == row.id))
    scheme = await the_scheme(context.session, row.scheme, row.ends_on)
    count = 0
    for of_projects in (False, True):
        count += await _insert(context, row, scheme, of_projects=of_projects)
    return count


async def _last_known(context: Context) -> int:
    last = (
        await context.session.scalar(select(func.max(Record.seq))) or 0,
        await context.session.scalar(select(func.max(Amendment.seq))) or 0,
    )
    return max(last)


def as_evaluated(row: Evaluation, **more: Any) -> ScoreOf:
    """What the evaluation asks: scores as of its last day, by what it knows; more: of whom, and with what."""
    return ScoreOf(row.ends_on, seq=row.known_to or 0, entered_to=row.entered_to, **more)


async def takes_part(context: Context, row: Evaluation, record: Record) -> bool:
    """Whether a record is among those that the published results rest on, or stands in the place of one."""
    while record.seq > (row.entered_to or 0):
        corrected = select(Amendment.record_id).where(Amendment.replaced_by_id == record.id)
        before = record.again_of_id or await context.session.scalar(corrected)
        if before is None:
            return False
        record = await context.session.get_one(Record, before)
    return True


async def _insert(context: Context, row: Evaluation, scheme: Scheme, *, of_projects: bool) -> int:
    statement, parameters = scores(scheme, as_evaluated(row, of_projects=of_projects))
    named = "JOIN projects p ON p.id = s.project_id" if of_projects else ""
    name = "p.name" if of_projects else "c.name"
    # By way of a table, since what inserts is not computed in parallel.
    await context.session.execute(text(f"CREATE TEMP TABLE scored AS {statement.text}"), parameters)
    filled = text(
        f"INSERT INTO results (evaluation_id, subject, company_id, project_id, name, uscc, {_KEPT})"  # noqa: S608
        f" SELECT :evaluation, s.subject, s.company_id, s.project_id, {name}, c.uscc, {_TRIMMED}"
        f" FROM scored s JOIN companies c ON c.id = s.company_id {named}"
    )
    done = await context.session.execute(filled, {"evaluation": row.id})
    await context.session.execute(text("DROP TABLE scored"))
    return int(done.rowcount)  # type: ignore[attr-defined]


async def publish(context: Context, row: Evaluation) -> None:
    """Publish the results; from the next working day on, companies may object for as long as the scheme says."""
    scheme = await the_scheme(context.session, row.scheme, row.ends_on)
    row.published_on = context.today
    row.objections_until = add_workdays(context.today, scheme.periods.objection).day


async def settle(context: Context, row: Evaluation) -> None:
    """End the objections, once their time is over and each is decided. Raises: Conflict."""
    if row.objections_until is not None and context.today <= row.objections_until:
        raise Conflict(
            "objections-open",
            f"异议期到 {row.objections_until} 为止，之后才能结束。",
            clauses=CLAUSES,
            until=str(row.objections_until),
        )
    open_ = select(exists().where(Objection.evaluation_id == row.id, Objection.state == "filed"))
    if await context.session.scalar(open_):
        raise Conflict("objections-undecided", "还有异议没有处理，请先处理。", clauses=CLAUSES)
    day = cast(func.timezone("Asia/Shanghai", Lead.received_at), Date)
    in_time = day.between(row.published_on, row.objections_until)
    waiting = select(exists().where(Lead.request.is_not(None), Lead.state == "received", in_time))
    if await context.session.scalar(waiting):
        raise Conflict(
            "objections-undecided", "还有异议期内收到的信用线索没有处理，请先处理。", clauses=CLAUSES
        )


async def finalise(context: Context, row: Evaluation) -> int:
    """Compute once more, with what the objections changed, and freeze; returns how many results there are."""
    count = await compute(context, row)
    row.final_on = context.today
    return count


async def drop_results(context: Context, row: Evaluation) -> None:
    """Let go of the results of an evaluation that is given up."""
    await context.session.execute(delete(Result).where(Result.evaluation_id == row.id))


async def differences(context: Context, row: Evaluation) -> tuple[int, list[dict[str, Any]]]:
    """How many results were computed again by what was known then, and those that differ from what is kept.

    Raises: Conflict where none were computed.
    """
    if row.computed_at is None or row.state == "cancelled":
        raise Conflict("not-computed", "这次评价没有计算结果，请先计算。", clauses=CLAUSES)
    scheme = await the_scheme(context.session, row.scheme, row.ends_on)
    checked, found = 0, []
    for of_projects in (False, True):
        kept = (Result.evaluation_id == row.id, Result.project_id.is_not(None) == of_projects)
        checked += await context.session.scalar(select(func.count()).where(*kept)) or 0
        asked = as_evaluated(row, evaluation=row.id, of_projects=of_projects)
        statement, parameters = scores(scheme, asked)
        differing = text(
            "SELECT r.subject, r.name, r.score, r.grade, s.score AS anew, s.grade AS grade_anew"  # noqa: S608
            f" FROM results r LEFT JOIN ({statement.text}) s ON s.subject = r.subject"
            " WHERE r.evaluation_id = :evaluation AND (r.project_id IS NOT NULL) = :of_projects"
            f" AND (r.{_KEPT.replace(', ', ', r.')}) IS DISTINCT FROM ({_COLUMNS})"
        )
        rows = await context.session.execute(differing, parameters)
        found += [dict(each) for each in rows.mappings()]
    return checked, found
