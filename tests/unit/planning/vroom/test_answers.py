"""VROOM's JSON in and out: its own examples, its names of violations, and what is refused by name."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.vroom_documents import random_document

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.vroom.answering import AnswerParams, answer
from geo_engine.planning.vroom.document import list_passed_over, read_document
from geo_engine.planning.vroom.given import given_orders, given_routes, read_given
from geo_engine.planning.vroom.statement import check_document
from geo_engine.planning.vroom.stating import state_problem
from geo_engine.planning.vroom.travel import RoutingFailed, TooManyPlaces, Travel, Travels
from geo_engine.planning.vroom.writing import error_document
from geo_engine.roads.straight import StraightRouter
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Language

EXAMPLES = Path(__file__).parents[3] / "golden" / "vroom"
FAR = 50_000


def told(document: dict[str, Any], **params: Any) -> dict[str, Any]:  # noqa: ANN401 — those of AnswerParams
    """Return the answer to a document, sent as JSON."""
    return answer(read_document(json.dumps(document)), AnswerParams(**params))


def example(number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return one of VROOM's examples and the solution its documentation shows."""
    return tuple(json.loads((EXAMPLES / f"example_{number}{end}.json").read_text()) for end in ("", "_sol"))  # type: ignore[return-value]


def on_its_roads(document: dict[str, Any], solution: dict[str, Any]) -> dict[str, Any]:
    """Return the document with matrices that hold the legs of the solution's routes, as its roads had them."""
    places: dict[tuple[float, ...], int] = {}
    numbers = {"start": "start_index", "end": "end_index", "location": "location_index"}
    for thing in (*document["vehicles"], *document["jobs"]):
        for key in numbers.keys() & thing.keys():
            thing[numbers[key]] = places.setdefault(tuple(thing[key]), len(places))
    tables = {name: [[FAR] * len(places) for _ in places] for name in ("durations", "distances")}
    for route in solution["routes"]:
        for before, after in zip(route["steps"], route["steps"][1:], strict=False):
            pair = [places[tuple(step["location"])] for step in (before, after)]
            tables["durations"][pair[0]][pair[1]] = after["duration"] - before["duration"]
            tables["distances"][pair[0]][pair[1]] = after["distance"] - before["distance"]
    return {**document, "matrices": {"car": tables}}


def comparable(told: Any) -> Any:  # noqa: ANN401 — whatever JSON holds
    """Return an answer without its way, its times of computing and rows of matrices, violations in one order."""
    if isinstance(told, dict):
        left = {"computing_times", "geometry", "location_index", "amount", "distance"}
        return {key: comparable(value) for key, value in told.items() if key not in left}
    if isinstance(told, list):
        listed = list(map(comparable, told))
        return sorted(listed, key=lambda one: str(one.get("cause")) if isinstance(one, dict) else "")
    return told


def test_plan_mode_tells_what_vrooms_documentation_shows() -> None:
    """Of its third example every arrival, load and violation is the same: lead time is traded against delays."""
    document, solution = example(3)

    found = told(on_its_roads(document, solution), is_plan=True)

    assert comparable(found) == comparable(solution)
    assert found["summary"]["distance"] == 95_605 + 216_752


def test_plan_mode_names_all_that_is_broken() -> None:
    """Each cause that VROOM knows is told, at the step and in the summary."""
    shipment = {"pickup": {"id": 1, "location_index": 1}, "delivery": {"id": 1, "location_index": 2}, "amount": [1]}
    vehicle = {
        "id": 1,
        "start_index": 0,
        "capacity": [1],
        "max_tasks": 2,
        "max_travel_time": 50,
        "max_distance": 100,
        "time_window": [100, 200],
        "breaks": [{"id": 1, "time_windows": [[100, 150]]}],
        "steps": [{"type": "delivery", "id": 1}, {"type": "job", "id": 1}, {"type": "pickup", "id": 1}],
    }
    job = {"id": 1, "location_index": 1, "skills": [9], "delivery": [2], "time_windows": [[0, 5]]}
    matrices = {"durations": [[0, 30, 60], [30, 0, 30], [60, 30, 0]], "distances": [[0, 90, 90]] * 3}

    found = told(
        {"vehicles": [vehicle], "jobs": [job], "shipments": [shipment], "matrices": {"car": matrices}}, is_plan=True
    )

    causes = [one["cause"] for one in found["summary"]["violations"]]
    assert causes == [
        "delay",
        "lead_time",
        "load",
        "max_distance",
        "max_tasks",
        "max_travel_time",
        "missing_break",
        "precedence",
        "skills",
    ]
    assert found["unassigned"] == []


@pytest.mark.parametrize("seed", range(12))
def test_plan_mode_sums_up_its_steps(seed: int) -> None:
    """Whatever routes are given: nothing is lost, each leg is travelled, and the summary adds up the routes."""
    document = random_document(seed, task_count=10, vehicle_count=2, is_plan=True)

    found = told(document)

    for route in found["routes"]:
        for before, after in zip(route["steps"], route["steps"][1:], strict=False):
            left = before["arrival"] + before["waiting_time"] + before["setup"] + before["service"]
            assert after["arrival"] - left == after["duration"] - before["duration"] >= 0
            assert after["waiting_time"] >= 0
        assert sum(step["service"] for step in route["steps"]) == route["service"]
    for key in ("cost", "setup", "service", "duration", "waiting_time", "priority"):
        assert found["summary"][key] == sum(route[key] for route in found["routes"])
    tasks = sum("job" in step for route in found["routes"] for step in route["steps"])
    assert tasks + found["summary"]["unassigned"] == len(document["jobs"]) + 2 * len(document["shipments"])


def test_a_plan_keeps_the_times_that_its_steps_ask_for() -> None:
    """`service_at` binds harder than the window; what nobody can keep is refused."""
    vehicle = {"id": 1, "start_index": 0, "steps": [{"type": "job", "id": 1, "service_at": 500}]}
    document = {"vehicles": [vehicle], "jobs": [{"id": 1, "location_index": 1, "time_windows": [[100, 200]]}]}
    document["matrix"] = [[0, 60], [60, 0]]  # type: ignore[assignment]

    (route,) = told(document, is_plan=True)["routes"]
    vehicle["steps"] = [{"type": "start", "service_at": 0}, {"type": "job", "id": 1, "service_before": 30}]

    assert [step["arrival"] for step in route["steps"]] == [440, 500, 500]
    assert route["violations"] == [{"cause": "delay", "duration": 300}]
    with pytest.raises(InvalidInput, match=r"vehicles\[0\].steps: nobody can keep"):
        told(document, is_plan=True)


VEHICLE = {"id": 1, "start_index": 0}
JOB = {"id": 1, "location_index": 1}
MATRIX = [[0, 60], [60, 0]]
ALL = {"vehicles": [VEHICLE], "jobs": [JOB], "matrix": MATRIX}


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"vehicles": []}, "vehicles: there is none"),
        ({"jobs": []}, "jobs: there is no task"),
        ({"jobs": [JOB, JOB]}, "jobs[1].id: it is given twice"),
        ({"jobs": [{"id": -1}]}, "jobs[0].id: it is out of its range"),
        ({"jobs": [{"id": 1}]}, "jobs[0].location_index: it is missing"),
        ({"jobs": [{**JOB, "priority": 101}]}, "jobs[0].priority"),
        ({"jobs": [{**JOB, "time_windows": [[5, 9], [9, 12]]}]}, "jobs[0].time_windows: two of them overlap"),
        ({"jobs": [{**JOB, "time_windows": []}]}, "jobs[0].time_windows"),
        ({"jobs": [{**JOB, "delivery": [1]}]}, "jobs[0].delivery: it must have 0 entries"),
        ({"jobs": [{**JOB, "location_index": 2}]}, "matrices.car.durations: it has 2 rows"),
        ({"vehicles": [{"id": 1}]}, "vehicles[0].start"),
        ({"vehicles": [{**VEHICLE, "description": None}]}, "vehicles[0].description: it is null"),
        ({"vehicles": [{**VEHICLE, "speed_factor": 6}]}, "vehicles[0].speed_factor"),
        ({"vehicles": [{**VEHICLE, "time_window": [9, 5]}]}, "vehicles[0].time_window: it ends before"),
        ({"vehicles": [{**VEHICLE, "steps": [{"type": "job", "id": 2}]}]}, "vehicles[0].steps[0].id: there is none"),
        (
            {"vehicles": [{**VEHICLE, "time_window": [0, 9], "breaks": [{"id": 1, "service": 10}]}]},
            "vehicles[0].breaks[0]: it cannot be taken",
        ),
        ({"matrix": [[0, 1.5], [1, 0]]}, "matrix[0][1]: it is no whole number"),
        ({"matrices": {"car": {"durations": [[0], [1]]}}}, "matrices.car.durations[0]: it is not square"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told_by_its_path(changed: dict[str, Any], path: str) -> None:
    """VROOM's second code, and where in the document the fault is."""
    with pytest.raises(InvalidInput) as raised:
        told(ALL | changed, is_plan=True)

    found = error_document(raised.value, Language.EN)
    assert found["code"] == 2
    assert found["error"].startswith(path)


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"vehicles": [{**VEHICLE, "breaks": [{"id": 1, "max_load": []}]}]}, "vehicles[0].breaks[0].max_load"),
        (
            {"vehicles": [{**VEHICLE, "breaks": [{"id": 1, "time_windows": [[0, 9], [20, 29]]}]}]},
            "vehicles[0].breaks[0].time_windows[1]",
        ),
        ({"matrices": {"car": {"durations": MATRIX, "costs": MATRIX}}}, "matrices.car.costs"),
        (
            {
                "vehicles": [{**VEHICLE, "type": "van"}, {**VEHICLE, "type": "bike"}],
                "jobs": [{**JOB, "service_per_type": {"van": 60}}],
            },
            "jobs[0].service_per_type",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_served_is_refused_by_its_name(changed: dict[str, Any], path: str) -> None:
    """Never passed over: the key's path is told, in every language."""
    with pytest.raises(InvalidInput) as raised:
        told(ALL | changed, is_plan=True)

    assert str(raised.value).startswith(f"{path}: ")
    assert raised.value.render(Language.ZH_CN).startswith(f"{path}：这里不支持")


@pytest.mark.parametrize(
    ("changed", "path", "meant"),
    [
        ({"jobs": [{**JOB, "time_window": [[0, 1]]}]}, "jobs[0].time_window", "time_windows"),
        ({"jobs": [{**JOB, "priorty": 3}]}, "jobs[0].priorty", "priority"),
        ({"jobs": [{**JOB, "skill": [1]}]}, "jobs[0].skill", "skills"),
        ({"vehicles": [{**VEHICLE, "timeWindow": [0, 1]}]}, "vehicles[0].timeWindow", "time_window"),
        (
            {"vehicles": [{**VEHICLE, "steps": [{"type": "start", "serviceAt": 1}]}]},
            "vehicles[0].steps[0].serviceAt",
            "service_at",
        ),
        ({"vehicle": []}, "vehicle", "vehicles"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_key_that_is_nearly_one_of_vrooms_is_refused_by_its_name(
    changed: dict[str, Any], path: str, meant: str
) -> None:
    """What it was to say is not lost: where it stands, and what is meant."""
    with pytest.raises(InvalidInput) as raised:
        told(ALL | changed, is_plan=True)

    assert str(raised.value) == f"{path}: VROOM has no such key; is {meant} meant?"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_document_is_read_in_every_encoding_of_json(encoding: str) -> None:
    """With a byte order mark, as Windows writes it, and without."""
    text = json.dumps({**ALL, "vehicles": [{**VEHICLE, "description": "车"}]}, ensure_ascii=False)

    assert read_document(text.encode(encoding)).vehicles[0].description == "车"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": }', "$: it is no JSON: line 1, column 7"),
        ('{\n "vehicles": [{"description": "中文" x}]}', "$: it is no JSON: line 2, column 36"),
        (b"\x80", "$: it is no JSON"),
        ('{"vehicles": [], "matrix": [[0, 1], [2, "x"]]}', "matrix[1][1]: it is no whole number"),
        ('{"vehicles": [], "matrix": [[0, -1], [2, 0]]}', "matrix[0][1]: it is out of its range"),
        ('{"vehicles": [], "matrix": [[0, 1], [2]]}', "matrix[1]: it is not square"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: bytes | str, sentence: str) -> None:
    """The line and the column in characters, or the row and the column of a matrix, from 0 as its indices are."""
    with pytest.raises(InvalidInput) as raised:
        read_document(text)

    assert str(raised.value) == sentence


def test_keys_that_vroom_does_not_know_are_passed_over() -> None:
    """As VROOM does, and can be named; and types of vehicles that are all alike only change how long service is."""
    vehicle = {**VEHICLE, "type": "van", "colour": "red", "steps": [{"type": "job", "id": 1, "note": "x"}]}
    job = {**JOB, "service": 10, "service_per_type": {"van": 60, "bike": 90}, "note": 7}

    found = told({**ALL, "vehicles": [vehicle], "jobs": [job], "more": {}}, is_plan=True)

    assert found["summary"]["service"] == 60
    document = read_document(json.dumps({**ALL, "vehicles": [vehicle, vehicle], "jobs": [job], "more": {}}))
    assert sorted(list_passed_over(document)) == ["jobs[].note", "more", "vehicles[].colour", "vehicles[].steps[].note"]


def test_places_are_counted_before_a_matrix_is_made() -> None:
    """Too many are refused although the roads could be asked."""
    jobs = [{"id": number, "location": [2.0 + number / 1_000, 48.0]} for number in range(30)]
    document = {"vehicles": [{"id": 1, "start": [2.0, 48.0]}], "jobs": jobs}

    with pytest.raises(TooManyPlaces):
        told(document, router=StraightRouter(), is_plan=True, most_places=29)


def test_without_matrices_and_roads_the_code_is_of_routing() -> None:
    """VROOM's third code; a profile that no road serves as well."""
    document = {"vehicles": [{"id": 1, "start": [2.0, 48.0]}], "jobs": [{"id": 1, "location": [2.1, 48.0]}]}

    with pytest.raises(RoutingFailed) as raised:
        told(document, is_plan=True)
    document["vehicles"][0]["profile"] = "bike"
    with pytest.raises(RoutingFailed, match="bike"):
        told(document, router=StraightRouter(), is_plan=True)

    assert error_document(raised.value, Language.EN)["code"] == 3


@pytest.mark.parametrize("profile", ["car", "truck"])
def test_distances_that_a_rule_needs_are_missed_by_name(profile: str) -> None:
    """With durations given and a limit of distance it is the distances that are not there, not the matrices."""
    vehicle = {"id": 1, "start_index": 0, "profile": profile, "max_distance": 150}
    document = {
        "vehicles": [vehicle],
        "jobs": [{"id": 1, "location_index": 1}],
        "matrices": {profile: {"durations": [[0, 60], [60, 0]]}},
    }

    with pytest.raises(RoutingFailed, match=f"neither distances nor roads for the profile {profile}"):
        told(document, is_plan=True)


def test_given_steps_without_a_way_between_them_are_a_matter_of_routing() -> None:
    """An island is told of, and not driven to in no time."""
    vehicle = {**VEHICLE, "steps": [{"type": "job", "id": 1}]}
    statement = check_document(read_document(json.dumps({**ALL, "vehicles": [vehicle]})))
    cut_off = np.array([[0.0, np.nan], [60.0, 0.0]])
    travels = Travels(by_profile={"car": Travel(durations_s=cut_off, distances_m=cut_off)}, tells_distances=False)
    given = read_given(statement)

    judged = evaluate(state_problem(statement, travels), given_orders(statement, given))

    with pytest.raises(RoutingFailed, match=r"vehicles\[0\].steps: there is no way"):
        given_routes(statement, given, judged)


def test_ways_and_distances_are_told_where_geometry_is_asked_for() -> None:
    """The polyline begins and ends where the vehicle does; without it there are no distances."""
    vehicle = {"id": 1, "start": [2.0, 48.0], "end": [2.0, 48.0], "steps": [{"type": "job", "id": 1}]}
    document = {"vehicles": [vehicle], "jobs": [{"id": 1, "location": [2.1, 48.0]}]}

    plain = told(document, router=StraightRouter(), is_plan=True)
    shown = told({**document, "options": {"g": True, "c": True}}, router=StraightRouter())

    assert "distance" not in plain["summary"]
    assert shown["routes"][0]["geometry"] == "__~cH_seK?_pR?~oR"
    assert shown["summary"]["distance"] == shown["routes"][0]["steps"][-1]["distance"] > 18_000


@pytest.mark.parametrize("profile", ["ebike", "bicycle", "foot"])
def test_a_profile_named_as_a_travel_mode_is_served_by_its_roads(profile: str) -> None:
    """The vehicle takes what that mode takes, and its way is told."""
    vehicle = {"id": 1, "start": [2.0, 48.0], "end": [2.0, 48.0], "profile": profile}
    document = {"vehicles": [vehicle], "jobs": [{"id": 1, "location": [2.01, 48.0]}], "options": {"g": True}}
    roads = StraightRouter().of_mode(TravelMode(profile))

    found = told(document, router=StraightRouter())

    there_s = float(roads.matrix([Position(2.0, 48.0), Position(2.01, 48.0)]).durations_s[0, 1])
    assert found["summary"]["duration"] == 2 * math.ceil(there_s)
    assert found["routes"][0]["geometry"]
