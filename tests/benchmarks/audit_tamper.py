"""How many of 10,000 random tamperings with sealed trails by the owner of the database are found, at the right row.

Run it from the repository's root: ``python tests/benchmarks/audit_tamper.py``. Each is done in PostgreSQL, on a trail
of random length that was sealed in one to four goes, as the role that owns the tables with its triggers switched off.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.companies import add_bare_company
from support.databases import Databases, OwnDatabase, migrated_databases
from support.tampering import TAMPERINGS, add_trail, attempt, owned

from geo_engine.audit.vault import Vault
from geo_engine.audit.verifying import verify_trail
from geo_engine.db.roles import DatabaseRole
from geo_engine.db.session import Database

_PER_TRAIL = 100


def main() -> None:
    """Tamper, verify, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began_s = time.perf_counter()
    tried, found, right = Counter[str](), Counter[str](), Counter[str]()
    random = Random(options.seed)
    with migrated_databases() as databases:
        while tried.total() < options.cases:
            _try_trail(databases, random, min(_PER_TRAIL, options.cases - tried.total()), (tried, found, right))
    print(f"{'kind':40} {'tried':>6} {'found':>6} {'right row':>9}")
    for name in TAMPERINGS:
        print(f"{name:40} {tried[name]:6} {found[name]:6} {right[name]:9}")
    print(f"{'all':40} {tried.total():6} {found.total():6} {right.total():9}")
    print(f"in {time.perf_counter() - began_s:.0f} s")
    sys.exit(0 if tried == right else 1)


def _try_trail(databases: Databases, random: Random, count: int, counts: tuple[Counter[str], ...]) -> None:
    tried, found, right = counts
    with databases.clone() as own, tempfile.TemporaryDirectory() as folder:
        owner, vault = Database(own.url(DatabaseRole.OWNER)), Vault(state_dir=Path(folder))
        tenant_id = _add(own, vault, random)
        with owned(owner, tenant_id, vault) as trail:
            for _ in range(count):
                name = random.choice(list(TAMPERINGS))
                expected, faults = attempt(trail, name, random)
                tried[name] += 1
                found[name] += bool(faults)
                right[name] += expected.is_met(faults)
                if not expected.is_met(faults):
                    print(name, trail.numbers, expected, faults, file=sys.stderr)
            if not verify_trail(trail.database, tenant_id, vault).is_intact:
                sys.exit("a trail that nobody touched is told to be broken")
        owner.close()


def _add(own: OwnDatabase, vault: Vault, random: Random):  # noqa: ANN202
    tenant_id, others = (add_bare_company(own.app, code) for code in ("acme", "others"))
    add_trail(own.app, tenant_id, vault, random, others=others)
    return tenant_id


if __name__ == "__main__":
    main()
