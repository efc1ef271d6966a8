"""What a scheme gives the statement that scores: its items and bands as rows of JSON, and its other figures."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from services.credit.plan.repair import rule_of
from services.credit.plan.scheme import Item, Kind, Scheme


@lru_cache
def of_scheme(scheme: Scheme) -> Mapping[str, Any]:
    """What a scheme gives the statement."""
    return {
        "items": json.dumps(_rows(scheme), default=str, ensure_ascii=False),
        "bands": json.dumps([each.model_dump() for each in scheme.bands], default=str, ensure_ascii=False),
        "start": scheme.start,
        "places": scheme.places,
        "veto_grade": scheme.veto_grade,
        "absent_grade": scheme.absent_grade,
        "black": scheme.lists.black,
        "red": scheme.lists.red,
        "serious_is_black": scheme.lists.serious_is_black,
    }


def _rows(scheme: Scheme) -> list[dict[str, Any]]:
    """The items as rows; those whose points are summed up before anything is cut share a bucket."""
    rows, buckets = [_flat(scheme, each) for each in scheme.items], dict[tuple[Any, ...], int]()
    for row in rows:
        alone = row["code"] if row["cap_points"] is not None else None
        row["bucket"] = buckets.setdefault((row["kind"], row["group"], alone), len(buckets))
    return rows


def _flat(scheme: Scheme, item: Item) -> dict[str, Any]:
    """An item as a row of the statement's."""
    limits = {Kind.BASE: scheme.limits.base, Kind.GOOD: scheme.limits.good, Kind.BAD: scheme.limits.bad}
    rule = rule_of(scheme, item)
    return {
        **item.model_dump(
            mode="python",
            include={
                "code",
                "name",
                "kind",
                "measure",
                "least",
                "most",
                "usual",
                "group",
                "validity",
                "months",
                "veto",
            },
        ),
        # What registers show of a company by themselves is no taking part.
        "takes_part": item.kind is Kind.BASE and item.from_register is None,
        "cap_points": item.cap and item.cap.points,
        "cap_per": item.cap and item.cap.per,
        "group_cap": None if item.group is None else scheme.groups[item.group],
        "kind_cap": limits.get(item.kind),
        "minimum": None if rule is None else rule.after,
    }
