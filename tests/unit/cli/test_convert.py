"""`geo-engine convert`: places from one reference system into another, as arguments or as lines."""

import json

import pytest
from click.testing import CliRunner, Result

from geo_engine.cli import geo_engine
from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m

TIANANMEN = Position(116.39747, 39.90882)
"""As GCJ-02 has it."""


def run(*arguments: str, body: str = "") -> Result:
    """Run the command to its end."""
    return CliRunner().invoke(geo_engine, ["--lang", "en", "convert", *arguments], input=body)


def _place(line: str) -> Position:
    said = json.loads(line)
    return Position(said["lon"], said["lat"])


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_a_place_of_the_mainland_is_moved_and_comes_back(crs: str) -> None:
    """By some hundred metres, and within half a metre."""
    there = run("--from", "wgs84", "--to", crs, "116.39123", "39.90742")
    back = run("--from", crs, "--to", "wgs84", body=there.stdout)

    start = Position(116.39123, 39.90742)
    assert 300 < geodesic_m(start, _place(there.stdout)) < 1_700
    assert geodesic_m(start, _place(back.stdout)) < 0.5
    assert (there.exit_code, back.exit_code, back.stderr) == (0, 0, "")


def test_a_place_known_in_both_systems_is_where_it_is() -> None:
    """The gate of Tiananmen, as AMap and as OpenStreetMap have it."""
    result = run("--from", "gcj02", "--to", "wgs84", str(TIANANMEN.lon), str(TIANANMEN.lat))

    assert geodesic_m(_place(result.stdout), Position(116.39123, 39.90742)) < 10


@pytest.mark.parametrize("place", [("-8.6109", "41.1496"), ("114.158", "22.282"), ("-70.5", "-33.4")])
def test_elsewhere_nothing_moves(place: tuple[str, str]) -> None:
    """In the west and south of the world the coordinates look like options and are none."""
    result = run("--from", "gcj02", "--to", "wgs84", *place)

    assert _place(result.stdout) == Position(*map(float, place))


def test_between_the_chinese_systems_it_goes_by_wgs84() -> None:
    """And what else a line says stays in it."""
    body = '\ufeff{"id": "S1", "lon": 116.39747, "lat": 39.90882}\n\n{"lon": 121.47, "lat": 31.23, "name": "外滩"}\n'

    there = run("--from", "gcj02", "--to", "bd09", body=body)
    back = run("--from", "bd09", "--to", "gcj02", body=there.stdout)

    lines = [json.loads(line) for line in back.stdout.splitlines()]
    assert [list(line) for line in lines] == [["id", "lon", "lat"], ["lon", "lat", "name"]]
    assert lines[1]["name"] == "外滩"
    assert geodesic_m(TIANANMEN, Position(lines[0]["lon"], lines[0]["lat"])) < 0.5


@pytest.mark.parametrize(
    ("arguments", "body", "reason"),
    [
        (["1"], "", "A place is two numbers"),
        (["1", "2", "3"], "", "A place is two numbers"),
        (["1", "91"], "", "lat is no number from -90.0 to 90.0"),
        (["nan", "1"], "", "lon is no number"),
        ([], '{"lon": 1, "lat": 2}\nnonsense\n', "Line 2: this is no JSON object"),
        ([], '{"lon": 1, "lat": 2}\n[1, 2]\n', "Line 2: this is no JSON object"),
        pytest.param(
            [], '{"lon": 1, "lat": 2, "x": ' + "[" * 100_000 + "]" * 100_000 + "}", "Line 1: this is no JSON", id="deep"
        ),
        ([], '{"lon": true, "lat": 2}\n', "Line 1: lon is no number"),
        ([], '{"lon": 1e400, "lat": 2}\n', "Line 1: lon is no number"),
        ([], '{"lon": 1}\n', "Line 1: lat is missing."),
    ],
)
def test_what_is_no_place_is_named(arguments: list[str], body: str, reason: str) -> None:
    """With its line, and exit code 2."""
    result = run("--from", "gcj02", "--to", "wgs84", *arguments, body=body)

    assert result.exit_code == 2
    assert reason in result.stderr


def test_what_else_a_line_says_is_written_again() -> None:
    """Even half a character, as apps leave it that cut a name in the middle of one."""
    body = r'{"lon": 1, "lat": 2, "name": "\ud83d"}'

    result = run("--from", "gcj02", "--to", "wgs84", body=body)

    assert (result.exit_code, json.loads(result.stdout)["name"]) == (0, "\ud83d")
