"""Problems in VROOM's JSON, made up with everything it knows that is served here."""

import random
from typing import Any

FIRST_S = 1_600_416_000
"""An absolute time like those of VROOM's own examples."""


def random_document(seed: int, *, task_count: int, vehicle_count: int, is_plan: bool = False) -> dict[str, Any]:
    """Return a problem with matrices; in plan mode with routes that break many rules, and times that they ask for."""
    rng = random.Random(seed)
    place_count = task_count + 2 * vehicle_count
    dimensions = rng.choice([0, 1, 2])
    vehicles = [_vehicle(rng, number, task_count, dimensions, is_plan=is_plan) for number in range(vehicle_count)]
    jobs = [_job(rng, number, task_count, dimensions) for number in range(task_count)]
    shipments = [_shipment(rng, number, task_count, dimensions) for number in range(rng.choice([0, 0, 1, 2]))]
    document = {
        "jobs": jobs,
        "shipments": shipments,
        "vehicles": vehicles,
        "matrices": {"car": _matrices(rng, place_count)},
    }
    if is_plan:
        _give_routes(rng, document)
        document["options"] = {"c": True}
    return document


def _matrices(rng: random.Random, count: int) -> dict[str, Any]:
    points = [(rng.uniform(0, 2400), rng.uniform(0, 2400)) for _ in range(count)]
    skews = [rng.uniform(0.9, 1.2) for _ in range(count)]
    durations = [
        [round(((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5 * skew) for bx, by in points]
        for (ax, ay), skew in zip(points, skews, strict=True)
    ]
    told: dict[str, Any] = {"durations": durations}
    if rng.random() < 0.5:
        told["distances"] = [[entry * 9 for entry in row] for row in durations]
    return told


def _windows(rng: random.Random) -> list[list[int]]:
    starts = sorted(rng.sample(range(0, 30_000, 3_000), rng.choice([1, 1, 2])))
    return [[FIRST_S + start, FIRST_S + start + rng.choice([0, 900, 1_800, 2_900])] for start in starts]


def _job(rng: random.Random, number: int, task_count: int, dimensions: int) -> dict[str, Any]:
    job: dict[str, Any] = {
        "id": 100 + number,
        "location_index": rng.choice([number, number, rng.randrange(task_count)]),
    }
    job |= {"service": rng.choice([0, 300, 900])} if rng.random() < 0.8 else {}
    job |= {"setup": rng.choice([60, 600])} if rng.random() < 0.3 else {}
    job |= {"priority": rng.choice([1, 10, 100])} if rng.random() < 0.3 else {}
    job |= {"skills": rng.sample([1, 2], rng.choice([1, 1, 2]))} if rng.random() < 0.2 else {}
    job |= {"time_windows": _windows(rng)} if rng.random() < 0.5 else {}
    job |= {"delivery": [rng.randrange(3) for _ in range(dimensions)]} if rng.random() < 0.7 else {}
    job |= {"pickup": [rng.randrange(3) for _ in range(dimensions)]} if rng.random() < 0.3 else {}
    return job | ({"description": f"job {number}"} if rng.random() < 0.1 else {})


def _vehicle(rng: random.Random, number: int, task_count: int, dimensions: int, *, is_plan: bool) -> dict[str, Any]:
    first = task_count + 2 * number
    vehicle: dict[str, Any] = {"id": 1 + number}
    vehicle |= rng.choice(
        [{"start_index": first, "end_index": first + 1}] * 3 + [{"start_index": first}, {"end_index": first}]
    )
    vehicle |= {"capacity": [rng.randrange(2, 8) for _ in range(dimensions)]} if dimensions else {}
    vehicle |= {"skills": rng.choice([[], [1], [1, 2]])} if rng.random() < 0.8 else {}
    start = FIRST_S + rng.choice([0, 1_800, 3_600])
    timed = rng.random() < 0.85
    if timed:
        vehicle["time_window"] = [start, start + rng.choice([12_000, 20_000, 30_000])]
    if rng.random() < 0.5:
        opens = start + rng.choice([5_000, 9_000])
        vehicle["breaks"] = [
            {"id": 7, "service": rng.choice([0, 900, 1_800]), "time_windows": [[opens, opens + 2_000]]}
        ]
        if is_plan and rng.random() < 0.3:
            vehicle["breaks"].append({"id": 8, "service": 300})
    vehicle |= {"max_tasks": rng.choice([2, 4])} if rng.random() < 0.2 else {}
    vehicle |= {"max_travel_time": rng.choice([3_000, 8_000])} if rng.random() < 0.2 else {}
    vehicle |= {"speed_factor": rng.choice([0.5, 2])} if rng.random() < 0.2 else {}
    costs = {"fixed": rng.choice([0, 1_000]), "per_hour": rng.choice([3_600, 3_600, 7_200])}
    return vehicle | ({"costs": costs} if rng.random() < 0.4 else {})


def _shipment(rng: random.Random, number: int, task_count: int, dimensions: int) -> dict[str, Any]:
    steps = [
        {"id": 300 + number, "location_index": rng.randrange(task_count), "service": rng.choice([0, 300])}
        for _ in range(2)
    ]
    steps[rng.randrange(2)] |= {"time_windows": _windows(rng)} if rng.random() < 0.5 else {}
    shipment: dict[str, Any] = {"pickup": steps[0], "delivery": steps[1], "amount": [1] * dimensions}
    return shipment | ({"priority": 10} if rng.random() < 0.3 else {})


def _give_routes(rng: random.Random, document: dict[str, Any]) -> None:
    steps = [{"type": "job", "id": job["id"]} for job in document["jobs"]]
    for shipment in document["shipments"]:
        steps += [{"type": kind, "id": shipment[kind]["id"]} for kind in ("pickup", "delivery")]
    rng.shuffle(steps)
    for vehicle in document["vehicles"]:
        count = rng.randrange(1, 7)
        chosen, steps = steps[:count], steps[count:]
        for rest in vehicle.get("breaks", []):
            if chosen and rng.random() < 0.8:
                chosen.insert(rng.randrange(len(chosen) + 1), {"type": "break", "id": rest["id"]})
        if chosen:
            vehicle["steps"] = [{"type": "start"}, *chosen, {"type": "end"}]
            _ask_for_times(rng, vehicle["steps"])


def _ask_for_times(rng: random.Random, steps: list[dict[str, Any]]) -> None:
    if rng.random() < 0.3:
        rng.choice(steps)["service_after"] = FIRST_S + rng.randrange(0, 20_000)
    if rng.random() < 0.2:
        rng.choice(steps)["service_before"] = FIRST_S + rng.randrange(15_000, 40_000)
