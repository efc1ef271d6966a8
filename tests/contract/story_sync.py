"""The smart-property platform's writes."""

from services.property.sync.api import PLATFORM
from tests.contract.writes import Writes
from tests.property.platform import NDJSON, company, ndjson

#: The scope of the platform.
SYNC = PLATFORM


def sync(writes: Writes) -> None:
    """A company that the platform states; the receipt is found again."""
    sent = {"content": ndjson(company(1)), "headers": NDJSON}
    receipt = writes.send("put", "/sync/companies", **sent)["id"]
    writes.places["/sync/receipts/{id}"] = f"/sync/receipts/{receipt}"
    writes.places["/sync/{kind}"] = "/sync/companies"
