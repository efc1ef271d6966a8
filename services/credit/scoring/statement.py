"""The one statement that scores: lines, totals, grade and list of a company or project, or of all (P-2.3.2a).

Its rules, in the order in which they apply:

- A record counts from the day of the act until it ends, that day no more; of base items the newest counts.
- Points are the record's within the item's limits, or the item's usual ones; times units; or the item's most by a share.
- What a project is concerned in counts for the company by the project's share, serious information in full.
- Caps cut what lies beyond them, of an item, of a group, of a kind, in the order of the acts; after the share, since a cap
  before it would let a further bad record of a small project push one of a large project out, and raise the score.
- The score is rounded once, half up; the grade is that of the rounded score.

The quotients of shares are taken to 20 places and their sum to 12, so that what adds up to a half is one.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, text

from services.credit.plan.scheme import Kind, Scheme
from services.credit.scoring.parameters import of_scheme

EVERYTHING: Final = 2**63 - 1
_ONE: Final = "1.00000000000000000000"

_RECORD: Final = (
    "id uuid, company_id uuid, project_id uuid, item text, acted_at timestamptz, acted_on date, entered_at timestamptz,"
    " points numeric, units int, share_part int, share_whole int, valid_until date, area numeric, company_area numeric,"
    " company_projects int"
)
_COLUMNS: Final = ", ".join(f"r.{column.split()[0]}" for column in _RECORD.split(", "))
_ITEM: Final = (
    "bucket int, code text, name text, kind text, measure text, least numeric, most numeric, usual numeric, cap_points numeric,"
    ' cap_per text, "group" text, group_cap numeric, kind_cap numeric, validity text, months int, minimum int,'
    " veto boolean, takes_part boolean"
)

_COMPANIES: Final = (
    "SELECT c.id AS subject, c.id AS company_id, CAST(null AS uuid) AS project_id FROM companies c"
    " WHERE {which}"
)
_PROJECTS: Final = (
    "SELECT h.project_id AS subject, h.company_id, h.project_id FROM holdings h"
    " WHERE h.begins_on <= :as_of AND coalesce(h.ends_on >= :as_of, true) AND {which}"
)
#: Those that an evaluation has results of, whoever holds what by now.
_EVALUATED: Final = (
    "SELECT e.subject, e.company_id, e.project_id FROM results e"
    " WHERE e.evaluation_id = :evaluation AND (e.project_id IS NOT NULL) = :of_projects"
)
#: What was entered up to a number, and what stands in its place since, corrected or told again: what follows later
#: information is later itself.
_REPLACING: Final = """following AS (
  SELECT record_id AS before, replaced_by_id AS id FROM amendments WHERE action = 'corrected' AND seq <= :seq
  UNION ALL SELECT again_of_id, id FROM records WHERE again_of_id IS NOT NULL AND seq <= :seq
),
replacing AS (
  SELECT f.id FROM following f JOIN records r ON r.id = f.before WHERE r.seq <= :entered_to
  UNION SELECT f.id FROM following f JOIN replacing p ON p.id = f.before
),
"""
#: What was said of those alone who are asked for, and not of all, however much that is.
_OF_THEM: Final = (
    " AND record_id IN (SELECT r.id FROM records r JOIN subjects s ON s.company_id = r.company_id)"
)
_ENTERED: Final = "(r.seq <= :entered_to OR r.id IN (SELECT id FROM replacing))"
_WHAT_IF: Final = f""" AND r.id <> ALL(CAST(:without AS uuid[]))
    UNION ALL SELECT {_COLUMNS}, null, null
    FROM jsonb_to_recordset(CAST(:added AS jsonb)) AS r({_RECORD}) WHERE r.acted_on <= :as_of"""

#: Of a record: when it ends, what it is worth, and its part at the company; of an item, whether the record counts at all.
_ENDS: Final = """least(k.repaired_on, coalesce(k.valid_until, CASE i.validity
      WHEN 'months' THEN CAST(k.acted_on + make_interval(months => i.months) AS date)
      WHEN 'listed' THEN k.put_right_on
      WHEN 'put_right' THEN CASE WHEN k.put_right_on IS NOT NULL THEN
        greatest(k.put_right_on, CAST(k.acted_on + make_interval(months => i.minimum) AS date)) END
    END))"""
_VALUE: Final = f"""CASE i.measure WHEN 'share' THEN coalesce(i.most * k.share_part * {_ONE} / nullif(k.share_whole, 0), 0)
      WHEN 'units' THEN coalesce(greatest(least(k.points, i.most), i.least), i.usual) * k.units
      ELSE coalesce(greatest(least(k.points, i.most), i.least), i.usual) END"""
_SPAN: Final = """CASE i.cap_per WHEN 'project' THEN CAST(k.project_id AS text)
      WHEN 'quarter' THEN CAST(date_trunc('quarter', CAST(k.acted_on AS timestamp)) AS text) END"""
_COUNTING: Final = f"""SELECT {{first}}s.subject, i.bucket, {_SPAN} AS span, i.veto, i.takes_part,
    CASE WHEN {{alone}} THEN {_VALUE} ELSE ({_VALUE}) * ({{part}}) * {_ONE} / ({{whole}}) END AS weighted{{details}}
  FROM known k JOIN items i ON i.code = k.item JOIN subjects s ON s.company_id = k.company_id{{concerned}}
  WHERE i.kind {{kind}} AND coalesce(:as_of < {_ENDS}, true)"""

_STATEMENT: Final = f"""
WITH {{recursive}}{{replacing}}items AS {{kept}} (SELECT * FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS i({
    _ITEM
})),
bands AS (SELECT * FROM jsonb_to_recordset(CAST(:bands AS jsonb))
  AS b(grade text, at_least numeric, below numeric, "when" text)),
subjects AS NOT MATERIALIZED ({{subjects}}),
said AS {{kept}} (
  SELECT record_id, bool_or(action IN ('withdrawn', 'corrected')) AS gone,
    max(effective_on) FILTER (WHERE action = 'put_right') AS put_right_on,
    max(effective_on) FILTER (WHERE action = 'repaired') AS repaired_on
  FROM amendments WHERE seq <= :seq{{known_said}}{{of_them}} GROUP BY record_id
),
known AS NOT MATERIALIZED (
    SELECT {_COLUMNS}, said.put_right_on, said.repaired_on
    FROM records r LEFT JOIN said ON said.record_id = r.id
    WHERE {{entered}}{{known_entered}} AND r.acted_on <= :as_of AND said.gone IS NOT TRUE{{what_if}}
),
acts AS ({{acts}}),
states AS ({{states}} ORDER BY s.subject, i.code, k.acted_at DESC, k.id DESC),
buckets AS (SELECT DISTINCT bucket, kind, "group", group_cap, kind_cap, cap_points FROM items),
of_bucket AS (
  SELECT subject, bucket, sum(weighted) AS points, count(*) AS records, bool_or(veto) AS vetoed,
    bool_or(takes_part) AS takes_part
  FROM acts GROUP BY subject, bucket, span
  UNION ALL
  SELECT subject, bucket, sum(weighted) AS points, count(*) AS records, bool_or(veto) AS vetoed,
    bool_or(takes_part) AS takes_part
  FROM states GROUP BY subject, bucket, span
),
of_item AS (
  SELECT subject, kind, "group", group_cap, kind_cap, least(cap_points, points) AS points, records, vetoed,
    takes_part
  FROM of_bucket JOIN buckets USING (bucket)
),
of_group AS (
  SELECT subject, kind, kind_cap, least(group_cap, sum(points)) AS points, sum(records) AS records,
    bool_or(vetoed) AS vetoed, bool_or(takes_part) AS takes_part
  FROM of_item GROUP BY subject, kind, kind_cap, "group", group_cap
),
of_kind AS (
  SELECT subject, kind, least(kind_cap, sum(points)) AS points, sum(records) AS records, bool_or(vetoed) AS vetoed,
    bool_or(takes_part) AS takes_part
  FROM of_group GROUP BY subject, kind, kind_cap
),
totals AS (
  SELECT subject, bool_or(vetoed) AS vetoed, bool_or(takes_part) AS takes_part,
    {
    ", ".join(
        f"coalesce(sum(points) FILTER (WHERE kind = '{kind}'), 0) AS {kind},"
        f" coalesce(sum(records) FILTER (WHERE kind = '{kind}'), 0) AS {kind}_records"
        for kind in Kind
    )
}
  FROM of_kind GROUP BY subject
){{explained}},
scored AS {{kept}} (
  SELECT s.subject, s.company_id, s.project_id, coalesce(t.vetoed, false) AS vetoed,
    coalesce(t.takes_part, false) AS takes_part,
    {
    ", ".join(
        f"coalesce(t.{kind}, 0) AS {kind}, coalesce(t.{kind}_records, 0) AS {kind}_records" for kind in Kind
    )
},
    :start + coalesce(t.base + t.good - t.bad - t.serious, 0) AS exact{{lines_of}}
  FROM subjects s LEFT JOIN totals t ON t.subject = s.subject{{join_lines}}
),
rounded AS (SELECT *, round(round(exact, 12), :places) AS score FROM scored),
graded AS (
  SELECT *, CASE WHEN vetoed THEN :veto_grade WHEN NOT takes_part THEN :absent_grade ELSE (
      SELECT b.grade FROM bands b
      WHERE coalesce(score >= b.at_least, true) AND coalesce(score < b.below, true)
        AND b."when" IN ('any', CASE WHEN bad_records + serious_records > 0 THEN 'with_bad' ELSE 'without_bad' END)
      LIMIT 1)
    END AS grade FROM rounded
)
SELECT *, CASE
    WHEN grade = ANY(CAST(:black AS text[])) OR (:serious_is_black AND serious_records > 0) THEN 'black'
    WHEN grade = ANY(CAST(:red AS text[])) AND serious_records = 0 THEN 'red' END AS listed
FROM graded"""

#: A project's part in what its company had, as numerator and denominator.
_SHARES: Final = {
    "area": ("coalesce(k.area, 1)", "coalesce(k.company_area, k.company_projects)"),
    "mean": ("1", "k.company_projects"),
}
_PLAIN: Final = (
    "id", "item", "acted_at", "entered_at", "units", "share_part", "share_whole", "project_id", "company_projects",
    "ends_on",
)  # fmt: skip
#: As text, since a number of JSON is read as a float.
_EXACT: Final = (
    "area",
    "value",
    "share_of",
    "share_in",
    "weighted",
    "within_item",
    "within_group",
    "counted",
)
#: What a line consists of, in the order in which the statement gives it: names would be more than half of an answer.
LINE: Final = (*_PLAIN, *_EXACT)
_ARRAY: Final = ", ".join((*_PLAIN, *(f"CAST({column} AS text)" for column in _EXACT)))
#: How caps cut line by line, in the order of the acts: what is left of each after the caps of item, group and kind.
_EXPLAINED: Final = f""",
cut_by_item AS (SELECT *, {{by_item}} AS within_item
  FROM (SELECT * FROM acts UNION ALL SELECT * FROM states) counting),
cut_by_group AS (SELECT *, {{by_group}} AS within_group FROM cut_by_item),
cut_by_kind AS (SELECT *, {{by_kind}} AS counted FROM cut_by_group),
lines AS (
  SELECT subject, json_agg(json_build_array({_ARRAY})
    ORDER BY array_position(ARRAY['base', 'good', 'bad', 'serious'], kind), item, acted_at, id) AS lines
  FROM cut_by_kind GROUP BY subject
)""".format(
    **{
        name: f"CASE WHEN {cap} IS NULL THEN {amount} ELSE greatest(0, least({amount}, {cap} - (sum({amount}) OVER"
        f" (PARTITION BY subject, {key} ORDER BY acted_at, id ROWS UNBOUNDED PRECEDING) - {amount}))) END"
        for name, amount, cap, key in (
            ("by_item", "weighted", "cap_points", "bucket, span"),
            ("by_group", "within_item", "group_cap", 'kind, "group"'),
            ("by_kind", "within_group", "kind_cap", "kind"),
        )
    }
)


@dataclass(frozen=True)
class ScoreOf:
    """What is scored, as of a day and by what was known: of companies or projects, all of them where `which` is None.

    known_at, seq: up to when and which number of the known order; entered_to: up to which number what was entered counts,
    where that is another than for what was said of it since; added, without: of a what-if; evaluation: of those alone that it
    has results of.
    """

    as_of: date
    known_at: datetime | None = None
    seq: int = EVERYTHING
    entered_to: int | None = None
    which: tuple[UUID, ...] | None = None
    of_projects: bool = False
    with_lines: bool = False
    added: tuple[dict[str, Any], ...] = field(default=())
    without: tuple[UUID, ...] = ()
    evaluation: UUID | None = None


def scores(scheme: Scheme, asked: ScoreOf) -> tuple[TextClause, dict[str, Any]]:
    """The statement that scores, one row for each subject, and its parameters."""
    shape = _Shape(
        aggregation=scheme.aggregation,
        serious_in_full=scheme.serious_in_full,
        which=_which(asked),
        of_projects=asked.of_projects,
        with_lines=asked.with_lines,
        is_past=asked.known_at is not None,
        is_what_if=bool(asked.added or asked.without),
        is_bounded=asked.entered_to is not None and asked.entered_to < asked.seq,
    )
    parameters = {**of_scheme(scheme), "as_of": asked.as_of, "seq": asked.seq}
    if asked.known_at is not None:
        parameters["known_at"] = asked.known_at
    if shape.is_bounded:
        parameters["entered_to"] = asked.entered_to
    if asked.evaluation is not None:
        parameters |= {"evaluation": asked.evaluation, "of_projects": asked.of_projects}
    elif asked.which is not None:
        parameters["which"] = asked.which[0] if shape.which == "one" else list(asked.which)
    if shape.is_what_if:
        parameters["added"] = json.dumps(asked.added, default=str, ensure_ascii=False)
        parameters["without"] = list(asked.without)
    return _statement(shape), parameters


class _Shape(NamedTuple):
    """What the text of a statement depends on; which: the one subject, many, those evaluated, or all.

    The rest are its parameters.
    """

    aggregation: Literal["area", "mean"]
    serious_in_full: bool
    which: Literal["all", "one", "many", "evaluated"]
    of_projects: bool
    with_lines: bool
    is_past: bool
    is_what_if: bool
    is_bounded: bool


#: Of one subject by `=` and not among one, since PostgreSQL then sees that a plan made once serves every company.
_WHICH: Final = {"one": "{key} = :which", "many": "{key} = ANY(CAST(:which AS uuid[]))"}


def _which(asked: ScoreOf) -> Literal["all", "one", "many", "evaluated"]:
    if asked.evaluation is not None:
        return "evaluated"
    if asked.which is None:
        return "all"
    return "one" if len(asked.which) == 1 else "many"


def _subjects(shape: _Shape) -> str:
    """Whose scores are asked for."""
    if shape.which == "evaluated":
        return _EVALUATED
    key, everybody = ("h.project_id", "true") if shape.of_projects else ("c.id", "c.left_at IS NULL")
    which = _WHICH.get(shape.which, everybody).format(key=key)
    return (_PROJECTS if shape.of_projects else _COMPANIES).format(which=which)


@lru_cache
def _statement(shape: _Shape) -> TextClause:
    """The statement of a shape, made once: writing and parsing it takes as long as a look-up by key."""
    return text(
        _STATEMENT.format(
            # Read once for one subject; of many, a plan that sees where it comes from is shared among workers.
            kept="MATERIALIZED" if shape.which == "one" else "NOT MATERIALIZED",
            recursive="RECURSIVE " if shape.is_bounded else "",
            replacing=_REPLACING if shape.is_bounded else "",
            entered=_ENTERED if shape.is_bounded else "r.seq <= :seq",
            subjects=_subjects(shape),
            known_said=" AND entered_at <= :known_at" if shape.is_past else "",
            known_entered=" AND r.entered_at <= :known_at" if shape.is_past else "",
            of_them=_OF_THEM if shape.which in ("one", "many") else "",
            what_if=_WHAT_IF if shape.is_what_if else "",
            acts=_counting(shape, first="", kind="<> 'base'"),
            states=_counting(shape, first="DISTINCT ON (s.subject, i.code) ", kind="= 'base'"),
            explained=_EXPLAINED if shape.with_lines else "",
            lines_of=", l.lines" if shape.with_lines else "",
            join_lines=" LEFT JOIN lines l ON l.subject = s.subject" if shape.with_lines else "",
        )
    )


def _counting(shape: _Shape, *, first: str, kind: str) -> str:
    """The records that count, and what each is worth before caps: acts, or the newest of each base item."""
    part, whole = _SHARES[shape.aggregation]
    in_full = " OR i.kind = 'serious'" if shape.serious_in_full else ""
    alone = "true" if shape.of_projects else f"k.project_id IS NULL{in_full}"
    details = (
        ', i.kind, i."group", i.group_cap, i.kind_cap, i.cap_points, k.id, k.item, k.acted_at, k.entered_at, k.units,'
        f" k.share_part, k.share_whole, k.project_id, k.area, k.company_projects, {_ENDS} AS ends_on, {_VALUE} AS value,"
        f" CASE WHEN {alone} THEN 1 ELSE {part} END AS share_of, CASE WHEN {alone} THEN 1 ELSE {whole} END AS share_in"
    )
    return _COUNTING.format(
        first=first,
        alone=alone,
        part=part,
        whole=whole,
        details=details if shape.with_lines else "",
        concerned=" AND (k.project_id = s.project_id OR i.kind = 'base')" if shape.of_projects else "",
        kind=kind,
    )
