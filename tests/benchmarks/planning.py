"""Measures plans: ours beside PyVRP, VROOM and plain OR-Tools in one run, on the same cores, for the same seconds.

Run it as ``.venv/bin/python tests/benchmarks/planning.py --shared ../shared/data [--limits 1 5 30] [--only
vrptw,field,days60,thousand,five_thousand,speed] [--methods pyvrp,vroom] [--processes 2] [--quick] [--record]``. Every
plan is judged by `evaluate` and by a second judge that knows nothing of ours (`support.plain_checker`); they must
agree. The rivals are installed into a throwaway environment by ``uv``. Exit 1 when a goal is missed or one of our plans
breaks a rule.

PyVRP and OR-Tools search on one core. PyVRP gets a process and a seed on each core and its better plan counts; OR-Tools
has no seed. Seconds are of the call that solves, its model and its processes' start-up included, the reading of
libraries not: our kernel's process waits for its task with its code loaded, as in a worker of the queue. Beside them
those of the whole process, from outside.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from planning_instances import FIELD_DAYS, HOMBERGER, ROAD_PROBLEMS, SIXTY_DAYS, SOLOMON, THOUSAND, Porto, read_solomon
from planning_instances import five_thousand as make_five_thousand
from planning_methods import FIELD_METHODS, OURS, VRPTW_METHODS, Machine, Outcome, attempt, machine_of
from planning_references import References, read_references
from planning_speed import print_edits, print_first_plans
from planning_tables import DAY_WIDTH, is_never_worse, print_days, print_gaps, print_sixty, print_walls
from support.plain_days import PlainDay

PARTS = ("vrptw", "field", "days60", "thousand", "five_thousand", "speed")
GAP_GOALS_PERCENT = {1.0: 1.5, 5.0: 0.8, 30.0: 0.3}
THOUSAND_LIMIT_S, THOUSAND_GOAL_PERCENT = 30.0, 2.0
SIXTY_LIMIT_S, SIXTY_GOAL_SHARE = 10.0, 0.95
# What is asked for is the whole call, the model and the judging of the plan included.
FIVE_THOUSAND_LIMIT_S, FIVE_THOUSAND_GOAL_S = 58.0, 60.0
FIVE_THOUSAND_GOAL_MIB, FIVE_THOUSAND_GOAL_PERCENT = 1024.0, 5.0
_QUICK = ("R112", "RC204", "r1_2_3", "porto-213")


class Bench:
    """One run: what was asked for, who can run, what is the best known, and which goals were missed."""

    def __init__(self, chosen: argparse.Namespace, machine: Machine, references: References) -> None:
        self._chosen, self._machine, self._references = chosen, machine, references
        self.missed: list[str] = []

    def run(self) -> None:
        """Measure what was asked for."""
        for part in PARTS:
            if part in self._chosen.only:
                getattr(self, part)()
                sys.stdout.flush()

    def vrptw(self) -> None:
        """Solomon's, Homberger's and three road problems."""
        days = self._vrptw_days()
        for limit_s in self._chosen.limits or ((1.0, 5.0) if self._chosen.quick else (1.0, 5.0, 30.0)):
            goal = GAP_GOALS_PERCENT.get(limit_s)
            self._gaps(f"Windows and capacity, {limit_s:g} s", days, limit_s, goal)

    def thousand(self) -> None:
        """A road problem of 1,000 stops."""
        with Porto(self._chosen.shared) as porto:
            days = [porto.made(THOUSAND)]
        for limit_s in self._chosen.limits or ((THOUSAND_LIMIT_S,) if not self._chosen.quick else (10.0,)):
            goal = THOUSAND_GOAL_PERCENT if limit_s >= THOUSAND_LIMIT_S else None
            self._gaps(f"A thousand stops, {limit_s:g} s", days, limit_s, goal)

    def field(self) -> None:
        """Days of field service of growing size."""
        with Porto(self._chosen.shared) as porto:
            days = [porto.made(spec) for spec in (FIELD_DAYS[:2] if self._chosen.quick else FIELD_DAYS)]
        for limit_s in self._chosen.limits or ((1.0, 5.0) if self._chosen.quick else (1.0, 5.0, 30.0)):
            rows = [(day, self._attempts(FIELD_METHODS, day, limit_s)) for day in days]
            print_days(f"Days of field service, {limit_s:g} s", rows)
            print_walls(rows, width=DAY_WIDTH)
            for day, outcomes in rows:
                if not is_never_worse(outcomes, "vroom"):
                    self.missed.append(f"{day.name}, {limit_s:g} s: VROOM is better")

    def days60(self) -> None:
        """Sixty days that were frozen before anything was tuned, beside VROOM."""
        with Porto(self._chosen.shared) as porto:
            days = [porto.made(spec) for spec in (SIXTY_DAYS[:6] if self._chosen.quick else SIXTY_DAYS)]
        for limit_s in self._chosen.limits or (SIXTY_LIMIT_S,):
            rows = [(day, self._attempts((OURS, "vroom"), day, limit_s)) for day in days]
            share = print_sixty(f"Frozen days, {limit_s:g} s", rows, goal_share=SIXTY_GOAL_SHARE)
            print_walls(rows, width=DAY_WIDTH)
            if share is not None and share < SIXTY_GOAL_SHARE:
                self.missed.append(f"frozen days, {limit_s:g} s")

    def five_thousand(self) -> None:
        """5,000 stops × 250 crews: how good, how long and how much memory."""
        if self._chosen.quick:
            print("5,000 stops are left out of a quick run", file=sys.stderr)
            return
        day = make_five_thousand(self._chosen.shared)
        limit_s = FIVE_THOUSAND_LIMIT_S
        outcome = attempt(self._machine, OURS, day, limit_s, weighs=True)
        self._references.take(outcome, day.name, f"{limit_s:g} s on {self._machine.cores} cores")
        goal = FIVE_THOUSAND_GOAL_PERCENT
        row = (day, {OURS: outcome})
        gaps = print_gaps(f"{day.name}, {limit_s:g} s", [row], self._references, goal_percent=goal)
        peak_mib = outcome.peak_mib or float("nan")
        print(
            f"  {outcome.left_out_count} left out, they weigh {outcome.weight}; "
            f"call {outcome.call_s:.1f} s (goal {FIVE_THOUSAND_GOAL_S:.0f})"
        )
        print(f"  at most {peak_mib:.0f} MiB beyond the matrix (goal {FIVE_THOUSAND_GOAL_MIB:.0f})")
        is_met = outcome.call_s <= FIVE_THOUSAND_GOAL_S and peak_mib <= FIVE_THOUSAND_GOAL_MIB
        if not is_met or not gaps.get(OURS, float("inf")) <= goal:
            self.missed.append(day.name)

    def speed(self) -> None:
        """The first plan of 100 and of 1,000 jobs, and judging a plan again after an edit."""
        with Porto(self._chosen.shared) as porto:
            hundred, three_hundred, thousand = (porto.made(FIELD_DAYS[number]) for number in (1, 3, 4))
        self.missed += print_first_plans(self._machine, hundred, thousand)
        self.missed += print_edits(three_hundred)

    def _vrptw_days(self) -> list[PlainDay]:
        vrp = self._chosen.shared / "vrp"
        days = [read_solomon(vrp / "solomon" / f"{name}.txt") for name in SOLOMON]
        days += [read_solomon(vrp / "homberger_200" / f"{name}.txt") for name in HOMBERGER]
        with Porto(self._chosen.shared) as porto:
            days += [porto.made(spec) for spec in ROAD_PROBLEMS]
        return [day for day in days if not self._chosen.quick or day.name in _QUICK]

    def _gaps(self, title: str, days: list[PlainDay], limit_s: float, goal_percent: float | None) -> None:
        rows = [(day, self._attempts(VRPTW_METHODS, day, limit_s)) for day in days]
        for day, outcomes in rows:
            for outcome in outcomes.values():
                self._references.take(outcome, day.name, f"{limit_s:g} s on {self._machine.cores} cores")
        gaps = print_gaps(title, rows, self._references, goal_percent=goal_percent)
        print_walls(rows)
        if goal_percent is not None and not gaps[OURS] <= goal_percent:
            self.missed.append(f"{title}: {gaps[OURS]:.2f} %, goal {goal_percent} %")

    def _attempts(self, methods: tuple[str, ...], day: PlainDay, limit_s: float) -> dict[str, Outcome]:
        found = {}
        for method in methods:
            if self._machine.has(method) and method in self._chosen.methods:
                found[method] = attempt(self._machine, method, day, limit_s)
                print(f"  {day.name}, {limit_s:g} s, {method}: {found[method].worth}", file=sys.stderr, flush=True)
        if found[OURS].wrong:
            self.missed.append(f"{day.name}, {limit_s:g} s: ours {found[OURS].wrong}")
        return found


def main() -> None:
    """Measure, print, tell whether the goals are met."""
    chosen = _arguments()
    references = read_references()
    with machine_of(chosen.processes) as machine:
        bench = Bench(chosen, machine, references)
        bench.run()
    if chosen.record:
        references.save()
    for missed in bench.missed:
        print(f"missed: {missed}")
    sys.exit(bool(bench.missed))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"))
    parser.add_argument("--limits", type=float, nargs="+", help="seconds; by default those that goals are set for")
    parser.add_argument("--only", type=lambda text: set(text.split(",")), default=set(PARTS))
    parser.add_argument("--processes", type=int, default=2, help="cores that each method gets, and may use")
    parser.add_argument("--methods", type=lambda text: {OURS, *text.split(",")}, default=set(VRPTW_METHODS))
    parser.add_argument("--quick", action="store_true", help="a few instances of each part, and no 5,000")
    parser.add_argument("--record", action="store_true", help="write down what is better than the best known")
    chosen = parser.parse_args()
    if unknown := chosen.only - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return chosen


if __name__ == "__main__":
    main()
