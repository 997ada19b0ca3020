"""Problems in VROOM's JSON, solved: its own examples, and made-up days against its rules."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.vroom_documents import random_document

from geo_engine.errors import InvalidInput
from geo_engine.planning.vroom.answering import AnswerParams, answer
from geo_engine.planning.vroom.document import read_document

EXAMPLES = Path(__file__).parents[2] / "golden" / "vroom"
LIMIT_S = 2.5


def solved(document: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a document, sent as JSON."""
    return answer(read_document(json.dumps(document)), AnswerParams(time_limit_s=LIMIT_S))


def test_vrooms_second_example_is_answered_as_its_documentation_shows() -> None:
    """With a matrix of the caller's own, by the key of old: to the last step."""
    document, solution = (json.loads((EXAMPLES / f"example_2{end}.json").read_text()) for end in ("", "_sol"))

    found = solved(document)

    del found["summary"]["computing_times"]
    assert found == solution


def test_vrooms_first_example_costs_no_more_than_its_documentation_shows() -> None:
    """Skills, a shipment, pickups and a break, with the legs of the documented routes and all others far longer."""
    document, solution = (json.loads((EXAMPLES / f"example_1{end}.json").read_text()) for end in ("", "_sol"))
    places: dict[tuple[float, ...], int] = {}
    steps = [shipment[kind] for shipment in document["shipments"] for kind in ("pickup", "delivery")]
    for thing in (*document["vehicles"], *document["jobs"], *steps):
        for key, row in (("start", "start_index"), ("end", "end_index"), ("location", "location_index")):
            if key in thing:
                thing[row] = places.setdefault(tuple(thing[key]), len(places))
    durations = [[9_000] * len(places) for _ in places]
    for route in solution["routes"]:
        visited = [step for step in route["steps"] if "location" in step]
        for before, after in pairwise(visited):
            pair = [places[tuple(step["location"])] for step in (before, after)]
            durations[pair[0]][pair[1]] = after["duration"] - before["duration"]

    found = solved({**document, "matrices": {"car": {"durations": durations}}})

    assert found["summary"]["unassigned"] == solution["summary"]["unassigned"] == 0
    assert found["summary"]["cost"] <= solution["summary"]["cost"]
    assert [one["id"] for route in found["routes"] for one in route["steps"] if one["type"] == "break"] == [2]


def test_a_solution_breaks_nothing_when_it_is_put_to_the_test_as_a_plan() -> None:
    """Its steps, given back in plan mode, have no violation and the same cost; every break of a route is in it."""
    document = random_document(3, task_count=14, vehicle_count=3)

    found = solved(document)

    kinds = {"job", "pickup", "delivery", "break"}
    for route in found["routes"]:
        vehicle = next(one for one in document["vehicles"] if one["id"] == route["vehicle"])
        vehicle["steps"] = [{"type": one["type"], "id": one["id"]} for one in route["steps"] if one["type"] in kinds]
        assert sum(one["type"] == "break" for one in route["steps"]) == len(vehicle.get("breaks", []))
    again = solved({**document, "options": {"c": True}})
    assert again["summary"]["violations"] == found["summary"]["violations"] == []
    assert {key: again["summary"][key] for key in ("cost", "duration", "unassigned", "priority")} == {
        key: found["summary"][key] for key in ("cost", "duration", "unassigned", "priority")
    }


def test_the_search_begins_with_the_steps_that_are_given() -> None:
    """The answer is no worse than they are, and steps that break a rule are refused."""
    vehicle = {"id": 1, "start_index": 0, "time_window": [0, 100], "steps": [{"type": "job", "id": 1}]}
    document = {"vehicles": [vehicle], "jobs": [{"id": 1, "location_index": 1}], "matrix": [[0, 60], [60, 0]]}

    found = solved(document)
    vehicle["time_window"] = [0, 50]

    assert found["summary"]["cost"] == 60
    with pytest.raises(InvalidInput, match=r"vehicles\[0\].steps: they break a rule"):
        solved(document)


def test_one_task_of_high_priority_goes_before_many_of_none() -> None:
    """As VROOM does: the sum of priorities counts first, then how many, then what the routes cost."""
    jobs = [{"id": 1, "location_index": 1, "service": 100, "priority": 1}]
    jobs += [{"id": number, "location_index": 2, "service": 20} for number in range(2, 7)]
    vehicle = {"id": 1, "start_index": 0, "end_index": 0, "time_window": [0, 120]}
    matrix = [[0, 10, 10], [10, 0, 500], [10, 500, 0]]

    found = solved({"vehicles": [vehicle], "jobs": jobs, "matrix": matrix})

    assert [one["id"] for one in found["routes"][0]["steps"] if "id" in one] == [1]
    assert found["summary"]["unassigned"] == 5
