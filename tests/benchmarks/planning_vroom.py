"""What VROOM makes of a plain day."""

from datetime import timedelta

import vroom
from support.plain_days import PlainDay


def solve(day: PlainDay, limit_s: float, seed: int, cores: int) -> list[tuple[int, list[int]]]:
    """Return what VROOM finds at its deepest exploration; its priorities are ours and one."""
    asked = {one for some in (*day.crews, *day.stops) for one in some.skills}
    skills = {skill: number for number, skill in enumerate(sorted(asked))}
    has_amounts = day.crews[0].capacity is not None
    problem = vroom.Input()
    problem.set_durations_matrix("car", day.durations_s.astype("uint32"))
    for number, crew in enumerate(day.crews):
        rests = []
        if crew.rest is not None:
            rests = [vroom.Break(number, time_windows=[crew.rest[1:]], service=crew.rest[0])]
        problem.add_vehicle(
            vroom.Vehicle(
                number,
                start=crew.start,
                end=crew.start,
                capacity=[crew.capacity] if has_amounts else (),
                skills={skills[one] for one in crew.skills},
                time_window=crew.span_s,
                breaks=rests,
            )
        )
    for place, stop in enumerate(day.stops):
        problem.add_job(
            vroom.Job(
                place,
                location=place,
                default_service=stop.service_s,
                delivery=[stop.amount] if has_amounts else (),
                skills={skills[one] for one in stop.skills},
                priority=1 + stop.priority,
                time_windows=list(stop.windows),
            )
        )
    solution = problem.solve(exploration_level=5, nb_threads=cores, timeout=timedelta(seconds=limit_s))
    return [
        (route["vehicle"], [step["id"] for step in route["steps"] if step["type"] == "job"])
        for route in solution.to_dict()["routes"]
    ]
