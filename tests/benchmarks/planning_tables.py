"""How the findings of planning's benchmark are printed."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, geometric_mean

from planning_methods import OURS, Outcome
from planning_references import References, gap_percent
from support.plain_days import PlainDay

type Row = tuple[PlainDay, Mapping[str, Outcome]]

WIDTH = 16
DAY_WIDTH = 24


def print_gaps(
    title: str, rows: Sequence[Row], references: References, *, goal_percent: float | None
) -> dict[str, float]:
    """Print by how much each method's travel exceeds the best known, and return the means.

    A method without a plan that keeps every rule has no gap: its mean is of the others, and says how many lack.
    """
    methods = list(rows[0][1])
    print(f"\n{title}: travel above the best known, %")
    print(f"  {'':12s}{'best known':>12s}" + "".join(f"{method:>{WIDTH}s}" for method in methods))
    gaps: dict[str, list[float]] = {method: [] for method in methods}
    for day, outcomes in rows:
        best = references.find(day.name)
        cells = []
        for method in methods:
            gaps[method].append(gap_percent(outcomes[method], best))
            cells.append(_gap_cell(outcomes[method], gaps[method][-1]))
        print(
            f"  {day.name:12s}{'—' if best is None else best[1]:>12}" + "".join(f"{cell:>{WIDTH}s}" for cell in cells)
        )
    means = {method: _mean(found) for method, found in gaps.items()}
    lacking = {method: sum(not math.isfinite(gap) for gap in found) for method, found in gaps.items()}
    cells = [f"{means[method]:.2f}" + (f" ({lacking[method]} ✗)" if lacking[method] else "") for method in methods]
    print(f"  {'mean':24s}" + "".join(f"{cell:>{WIDTH}s}" for cell in cells))
    if goal_percent is not None:
        print(f"  {'goal':24s}{f'≤ {goal_percent}':>{WIDTH}s}")
    return {method: float("inf") if lacking[method] else mean for method, mean in means.items()}


def _gap_cell(outcome: Outcome, gap: float) -> str:
    if outcome.wrong:
        return f"✗ {outcome.wrong}"[: WIDTH - 1]
    return f"{gap:.2f}" if math.isfinite(gap) else f"{outcome.left_out_count} left out"


def _mean(found: Sequence[float]) -> float:
    finite = [gap for gap in found if math.isfinite(gap)]
    return fmean(finite) if finite else float("nan")


def print_walls(rows: Sequence[Row], *, width: int = WIDTH) -> None:
    """Print the seconds the calls took and those of the whole processes: mean and most."""
    methods = list(rows[0][1])
    for name, of in (("call, s", lambda one: one.call_s), ("process, s", lambda one: one.process_s)):
        cells = []
        for method in methods:
            spent_s = [of(outcomes[method]) for _, outcomes in rows if not math.isnan(of(outcomes[method]))]
            cells.append(f"{fmean(spent_s):.1f} ≤ {max(spent_s):.1f}" if spent_s else "—")
        print(f"  {name:24s}" + "".join(f"{cell:>{width}s}" for cell in cells))


def print_days(title: str, rows: Sequence[Row]) -> None:
    """Print what each method leaves out (how many, what they weigh) and travels."""
    methods = list(rows[0][1])
    print(f"\n{title}: stops left out and what they weigh (one and the priority each) · travel, s")
    print(f"  {'':24s}" + "".join(f"{method:>{DAY_WIDTH}s}" for method in (*methods, "ours ÷ vroom")))
    for day, outcomes in rows:
        cells = [*(_day_cell(outcomes[method]) for method in methods), _ratio_cell(outcomes)]
        print(f"  {day.name:24s}" + "".join(f"{cell:>{DAY_WIDTH}s}" for cell in cells))


def _day_cell(outcome: Outcome) -> str:
    if outcome.wrong:
        return f"✗ {outcome.wrong}"[: DAY_WIDTH - 1]
    left_out = f"{outcome.left_out_count} ({outcome.weight})" if outcome.left_out_count else "0"
    return f"{left_out} · {outcome.travel_s:,}"


def _ratio_cell(outcomes: Mapping[str, Outcome]) -> str:
    """Tell ours beside VROOM's: travel where as much is left out, else who leaves out more."""
    ours, vroom = outcomes[OURS], outcomes.get("vroom")
    if vroom is None or not (ours.travel_s and vroom.travel_s):
        return "—"
    if ours.weight != vroom.weight:
        return "leaves out more" if ours.worth > vroom.worth else "leaves out less"
    return f"{ours.travel_s / vroom.travel_s:.4f}"


def is_never_worse(outcomes: Mapping[str, Outcome], rival: str) -> bool:
    """Return whether ours leaves out no more than a rival's and, where as much, travels no longer."""
    return rival not in outcomes or outcomes[OURS].worth <= outcomes[rival].worth


def print_sixty(title: str, rows: Sequence[Row], *, goal_share: float) -> float | None:
    """Print ours beside VROOM's day by day, then the share of days not worse and the mean saving.

    Returns
    -------
    float or None
        The share; 0 where ours leaves out more on any day; None without the rival.
    """
    if "vroom" not in rows[0][1]:
        print(f"\n{title}: VROOM could not be installed")
        return None
    print_days(title, rows)
    pairs = [(outcomes[OURS], outcomes["vroom"]) for _, outcomes in rows]
    alike = [(ours, vroom) for ours, vroom in pairs if ours.weight == vroom.weight and ours.travel_s is not None]
    more_count = sum(ours.worth[0] > vroom.worth[0] for ours, vroom in pairs)
    less_count = sum(ours.worth[0] < vroom.worth[0] for ours, vroom in pairs)
    share = sum(ours.worth <= vroom.worth for ours, vroom in pairs) / len(pairs)
    print(f"  ours leaves out more on {more_count} days (goal 0), less on {less_count}")
    print(f"  better or equal on {100 * share:.1f} % of {len(pairs)} days (goal ≥ {100 * goal_share:g} %)")
    if alike:
        ratio = geometric_mean([max(1, ours.travel_s or 0) / max(1, vroom.travel_s or 0) for ours, vroom in alike])
        print(f"  travel ÷ VROOM's {ratio:.4f}, mean saving {100 * (1 - ratio):.2f} % where as much is left out")
    return 0.0 if more_count else share
