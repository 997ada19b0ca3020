"""The best that anybody found of each instance, by which gaps are measured: kept in `planning_references.json`.

Solomon's and Homberger's are the published best of the DIMACS challenge's convention (least distance, distances
truncated to one decimal), in tenths; for Solomon's they are proven. `../shared/data/vrp/best_known.json` is of another
convention (distances not truncated; for Homberger's the fewest vehicles first) and would flatter everybody.
Porto's are the best of all methods as long as is said there. Run ``python planning_references.py --shared FOLDER
[--seconds 600] [--only "porto-213,5000 × 250"] [--methods ours,pyvrp]`` to look for better ones and record them.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from planning_instances import ROAD_PROBLEMS, THOUSAND, Porto, five_thousand
from planning_methods import FIELD_METHODS, VRPTW_METHODS, Outcome, attempt, machine_of
from support.plain_days import PlainDay

type Worth = tuple[float, float]

RECORDED = Path(__file__).with_name("planning_references.json")


@dataclass(slots=True)
class References:
    """The least travel known by instance, and how it was found; better finds are taken in as they come."""

    known: dict[str, dict[str, object]]

    def find(self, name: str) -> Worth | None:
        """Return the weight left out and the travel seconds of the best known plan of an instance."""
        found = self.known.get(name)
        return None if found is None else (int(str(found.get("weight", 0))), int(str(found["travel_s"])))

    def take(self, outcome: Outcome, name: str, how: str) -> bool:
        """Take in what a method found if it is better than all before, and return whether it is."""
        best = self.find(name)
        if outcome.travel_s is None or (best is not None and outcome.worth >= best):
            return False
        weight = {"weight": outcome.weight} if outcome.weight else {}
        on = datetime.now(UTC).date()
        self.known[name] = {**weight, "travel_s": outcome.travel_s, "how": f"{outcome.method}, {how}, {on}"}
        return True

    def save(self) -> None:
        """Write them down."""
        lines = [f" {json.dumps(name)}: {json.dumps(found)}" for name, found in self.known.items()]
        RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def read_references() -> References:
    """Return what is written down."""
    return References(json.loads(RECORDED.read_text()))


def gap_percent(outcome: Outcome, best: Worth | None) -> float:
    """Return by how much travel exceeds the best; infinite where more is left out, NaN where either is unknown."""
    if outcome.travel_s is None or best is None:
        return float("nan")
    if outcome.weight != best[0]:
        return float("inf")
    return 100 * (outcome.travel_s / best[1] - 1)


def main() -> None:
    """Search, record what is better, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--processes", type=int, default=2, help="cores each method gets")
    parser.add_argument("--only", type=lambda text: text.split(","), default=None)
    parser.add_argument("--methods", type=lambda text: text.split(","), default=VRPTW_METHODS)
    chosen = parser.parse_args()
    references = read_references()
    with machine_of(chosen.processes) as machine:
        for day in _days(chosen.shared, chosen.only):
            for method in chosen.methods:
                if not day.is_all_due and method not in FIELD_METHODS:
                    continue
                outcome = attempt(machine, method, day, chosen.seconds)
                is_best = references.take(outcome, day.name, f"{chosen.seconds:g} s on {chosen.processes} cores")
                references.save()
                told = outcome.wrong or f"{outcome.travel_s} s, left out by weight {outcome.weight}"
                print(f"{day.name}, {method}: {told}{', the best so far' if is_best else ''}", flush=True)


def _days(shared: Path, only: list[str] | None) -> list[PlainDay]:
    with Porto(shared) as porto:
        days = [porto.made(spec) for spec in (*ROAD_PROBLEMS, THOUSAND)]
    return [day for day in (*days, five_thousand(shared)) if only is None or day.name.replace(",", "") in only]


if __name__ == "__main__":
    main()
