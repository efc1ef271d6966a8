"""What the 12345 hotline, and the hazard ledger, may send to the units through this service."""

from pathlib import Path

from kit.dispatch.requests import load_matters

#: The service's letter in numbers of requests.
LETTER = "P"
MATTERS = load_matters(Path(__file__).parent / "plan" / "data" / "matters.yaml")
