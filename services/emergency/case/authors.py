"""Who wrote or decided something, as people read it."""

from kit.district import units

#: Whoever is of no unit that the district knows; a client's id tells a reader nothing.
OF_NO_UNIT = "未登记单位的用户"


def author_of(client: str, unit: str | None) -> str:
    """Who wrote an entry: the person with the unit, as `Caller.by` names one, else the unit; no client's id."""
    return client if client.endswith("）") else name_of(unit)


def name_of(unit: str | None) -> str:
    """The Chinese name of a unit by its id, never an id: what is no unit is said to be none."""
    try:
        return units.unit(unit).name if unit else OF_NO_UNIT
    except units.UnknownUnit:
        return OF_NO_UNIT
