"""What a warning asks of the units: the actions of its colour as tasks (E-3.3c)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kit.audit.auditing import audit
from kit.district.named_units import streets, unit_of
from kit.storage import db
from kit.web.problems import Conflict, Forbidden
from kit.web.tokens import Caller
from services.emergency.plan import roles
from services.emergency.plan.catalogue import WarningAction, catalogue
from services.emergency.warnings.models import Bulletin, WarningTask

NO_TASK = "没有这项预警行动，请核对编号。"


def ask_for_actions(bulletin: Bulletin) -> None:
    """Add the actions that are missing, stop those the colour no longer asks for; done ones stay (E-3.3c)."""
    asked = dict(_actions(bulletin))
    known = {(task.action, task.owner): task for task in bulletin.tasks}
    for key, task in known.items():
        if task.state != "done":
            task.state = "open" if key in asked else "stopped"
    for (action_id, owner), action in asked.items():
        if (action_id, owner) not in known:
            bulletin.tasks.append(
                WarningTask(
                    id=db.new_id(),
                    action=action_id,
                    owner=owner,
                    does=action.does,
                    clause=action.clause,
                    if_needed=action.if_needed,
                    state="open",
                )
            )


async def finish_task(
    session: AsyncSession, caller: Caller, id: UUID, note: str | None, now: datetime
) -> tuple[WarningTask, bool]:
    """Enter that an action is done; its owner may, and whoever warns.

    Returns the action and whether it is an exercise's.

    Raises: NotFound, Forbidden, Conflict.
    """
    known = await db.found(session, WarningTask, id, NO_TASK)
    # Whoever adjusts or lifts the warning writes to its tasks too.
    bulletin = await db.locked(session, Bulletin, known.warning_id, NO_TASK)
    task = await db.locked(session, WarningTask, id, NO_TASK)
    if unit_of(caller) != task.owner and not caller.may(roles.WARNING):
        raise Forbidden(
            "not-your-task",
            "这项行动由其他单位承担，只能由该单位或指挥部办公室登记办结。",
            clauses=(task.clause,),
        )
    if task.state != "open":
        raise Conflict("not-open", "这项行动已经办结或终止。", clauses=(task.clause,))
    task.state, task.done_at, task.done_by, task.note = "done", now, caller.client, note
    await session.flush()
    audit(session, "emergency.warning.task_done", str(id), caller, now, {"action": task.action})
    return task, bulletin.exercise


def _actions(bulletin: Bulletin) -> Iterable[tuple[tuple[str, str], WarningAction]]:
    """Each action of the colour with each unit that it means here."""
    here = bulletin.streets or [street.id for street in streets()]
    meant = {"departments": bulletin.departments or ["departments"], "local-street": here}
    for action in catalogue().actions_of(bulletin.in_colour):
        for owner in action.owners:
            yield from (((action.id, unit), action) for unit in meant.get(owner, [owner]))
