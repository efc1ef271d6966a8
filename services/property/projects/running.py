"""Projects that run on a day, as duties ask for them; and whose rows are that hang on a project."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, column, func, literal, select, values
from sqlalchemy.dialects.postgresql import aggregate_order_by

from kit.duties.owing import Who
from kit.web.ownership import Belonging
from kit.web.shapes import Choice
from services.property.companies import Company
from services.property.projects.api import Project

#: Of a kind, a column: what a project has of it on the day, and the last day up to which it had it before.
Had = Callable[[ColumnElement[str]], tuple[Select[Any], Select[Any]]]


def of_project(project_id: Any) -> Belonging:
    """Whose rows are that hang on a project: of its street and its company."""
    own = Project.id == project_id
    company = select(Company.uscc).join(Project, Project.company_id == Company.id).where(own)
    return Belonging(select(Project.street).where(own).scalar_subquery(), company.scalar_subquery())


def running(day: date, last_done_on: Any) -> Select[Any]:
    """The projects that run on a day, as who owes something that comes again."""
    who = Who(Project.id, Project.name, Project.begins_on, last_done_on, Project.street, Company.uscc)
    return _running(day, who)


def lacking(day: date, kinds: type[Choice], had: Had) -> Select[Any]:
    """The projects that run on a day and lack something of the kinds: what, in their order, and since when the first."""
    named = values(column("kind", Text), column("zh", Text), column("place", Integer), name="kinds")
    every = named.data([(each.value, each.zh, place) for place, each in enumerate(kinds)])
    has, before = had(every.c.kind)
    since = func.min(func.greatest(Project.begins_on, before.scalar_subquery() + 1))
    what = func.string_agg(every.c.zh, aggregate_order_by(literal("、"), every.c.place))
    who = Who(
        Project.id,
        Project.name,
        since,
        street=Project.street,
        company=Company.uscc,
        lacks=func.concat("缺少", what),
    )
    return (
        _running(day, who)
        .join(every, literal(True))
        .where(~has.exists())
        .group_by(Project.id, Project.name, Project.street, Company.uscc)
    )


def _running(day: date, who: Who) -> Select[Any]:
    joined = select(*who.columns).join_from(Project, Company, Company.id == Project.company_id)
    return joined.where(Project.begins_on <= day, func.coalesce(Project.ends_on >= day, True))
