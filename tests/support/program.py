"""`geo-engine` as installed, run in a process of its own, and `geo-engine plan` on rows."""

import csv
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).parent / "geo-engine"
MONACO = Path(__file__).parents[2] / "scripts" / "data" / "monaco.osm.pbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a run ended."""

    code: int
    out: str
    err: str


type Cells = Mapping[str, object]


def write_csv(path: Path, rows: Sequence[Cells]) -> Path:
    """Write rows as CSV; the columns are all that any row has."""
    columns = dict.fromkeys(column for row in rows for column in row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def with_defaults(options: Sequence[object]) -> list[str]:
    """Return options of `plan`, and a default for each needed one they do not name."""
    defaults: dict[str, object] = {
        "--sites": "sites.csv",
        "--workers": "workers.csv",
        "--roads": MONACO,
        "--date": "2026-11-23",
        "--out": "out",
    }
    if "--time-limit" not in options:
        defaults["--solution-limit"] = 20
    missing = [part for option, value in defaults.items() if option not in options for part in (option, value)]
    return [str(part) for part in (*missing, *options)]


def run_program(folder: Path, *arguments: object) -> Run:
    """Run `geo-engine` with arguments in a folder."""
    command = [PROGRAM, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return Run(code=done.returncode, out=done.stdout, err=done.stderr)


@dataclass(frozen=True, slots=True)
class Planner:
    """`geo-engine plan` on rows, in the test's folder, on the bundled extract."""

    folder: Path

    def __call__(self, sites: Sequence[Cells], workers: Sequence[Cells], *options: object, lang: str = "en") -> Run:
        """Plan the rows on the bundled extract's roads unless `options` name others."""
        given = [
            *("--sites", write_csv(self.folder / "sites.csv", sites)),
            *("--workers", write_csv(self.folder / "workers.csv", workers)),
        ]
        return self.plan(*given, *options, lang=lang)

    def run(self, *arguments: object) -> Run:
        """Run `geo-engine` in the test's folder."""
        return run_program(self.folder, *arguments)

    def plan(self, *options: object, lang: str = "en") -> Run:
        """Plan with these options; what they do not say has a default."""
        return self.run("--lang", lang, "plan", *with_defaults(options))

    def result(self) -> dict[str, Any]:
        """Return plan.json."""
        document: dict[str, Any] = json.loads((self.folder / "out" / "plan.json").read_text(encoding="utf-8"))
        return document

    def reasons(self) -> dict[str, str]:
        """Return why each job is unassigned."""
        return {left["job_id"]: left["reason"] for left in self.result()["unassigned"]}
