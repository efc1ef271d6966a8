"""What is found, and what is entered to be found: a part of the property service's story."""

from tests.contract.writes import Writes


def finding(writes: Writes, compound: str) -> None:
    """Another name and an address of a compound."""
    writes.register("/aliases", compound_id=compound, company_id=None)
