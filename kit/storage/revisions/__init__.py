"""What the house's own tables became after the first revision: a branch of Alembic's beside each service's own."""

from pathlib import Path

FOLDER = Path(__file__).parent
