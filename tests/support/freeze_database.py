"""Writes the rows of two companies, as this revision keeps them, for the migrations of every later one.

Run it once per issue that changes tables: ``python tests/support/freeze_database.py`` from the repository's root.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from geo_engine.db.cluster_tools import find_tools  # noqa: E402
from geo_engine.db.revision import REVISION  # noqa: E402
from geo_engine.db.roles import DatabaseRole  # noqa: E402
from support.companies import add_company  # noqa: E402 - found by the line above
from support.databases import migrated_databases  # noqa: E402

_OPTIONS = ("--data-only", "--inserts", "--no-comments", "--exclude-table=alembic_version", "--exclude-table=*fix*")


def main() -> None:
    """Write the file of this revision."""
    with migrated_databases() as databases, databases.clone() as own:
        for code in ("alpha", "beta"):
            add_company(own.app, code)
        command = [str(find_tools().bin_dir / "pg_dump"), *_OPTIONS, own.url(DatabaseRole.MAINTENANCE)]
        dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line for line in dump.splitlines() if line and not line.startswith(("--", "\\"))]
    path = ROOT / "tests" / "golden" / f"database_{REVISION}.sql"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
