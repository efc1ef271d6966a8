"""What is overdue of law study, for the service's figures."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, literal, select, text

from services.lawstudy.plan.lead_times import LAST_SECOND
from services.lawstudy.sessions.models import Session


def texts(now: datetime) -> Select[str, str, int, Any]:
    """Sessions still ahead whose text was to have been passed (N-2.1)."""
    # Only those without a text that was passed: a session that was held, or is ready, has one.
    still = text("sessions.state in ('scheduled', 'text_submitted', 'under_review', 'returned')")
    return (
        select(literal("study-text"), literal(""), func.count(), func.min(Session.text_due_at))
        .where(still, Session.text_due_at <= now - LAST_SECOND)
        .having(func.count() > 0)
    )


OVERDUE: Final = (texts,)
