"""`geo-engine solve`: VROOM's JSON from standard input to standard output, errors as well."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from geo_engine.cli import geo_engine as program

PROBLEM: dict[str, Any] = {
    "vehicles": [{"id": 3, "start": [2.0, 48.0], "steps": [{"type": "job", "id": 1}]}],
    "jobs": [{"id": 1, "location": [2.1, 48.0]}],
}


def run(told: object, *arguments: str, lang: str = "en") -> Result:
    """Run the command on a document."""
    text = told if isinstance(told, str) else json.dumps(told)
    return CliRunner().invoke(program, ["--lang", lang, "solve", *arguments], input=text)


def test_the_answer_is_one_document_on_standard_output() -> None:
    """Given routes get times on the roads that are named."""
    result = run(PROBLEM, "-c", "-g", "--roads", "straight")

    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (answer["code"], answer["routes"][0]["vehicle"]) == (0, 3)
    assert answer["routes"][0]["geometry"].startswith("__~cH")


@pytest.mark.parametrize(
    ("told", "code", "exit_code"),
    [("{", 2, 2), ({**PROBLEM, "jobs": []}, 2, 2), (PROBLEM, 3, 3)],
    ids=["no-json", "nothing", "no-roads"],
)
def test_an_error_is_a_document_on_standard_output_too(told: object, code: int, exit_code: int) -> None:
    """VROOM's code in it, the house's exit code beside it, and the sentence for people on the other stream."""
    result = run(told, "--plan")

    answer = json.loads(result.stdout)
    assert (answer["code"], set(answer), result.exit_code) == (code, {"code", "error"}, exit_code)
    assert answer["error"] in result.stderr


@pytest.mark.parametrize("options", [("-l", "0"), ("-l", "nan"), ("-l", "soon"), ("--no-such",)], ids=" ".join)
def test_a_bad_option_is_told_on_standard_output_too(options: tuple[str, ...]) -> None:
    """Whoever reads the answer finds VROOM's code and the sentence there, as for any other error."""
    result = run(PROBLEM, *options)

    answer = json.loads(result.stdout)
    assert (answer["code"], result.exit_code) == (2, 2)
    assert answer["error"]
    assert answer["error"] in result.stderr


def test_what_is_passed_over_is_named_beside_the_answer() -> None:
    """Not in it, for that is VROOM's; what is nearly a key of VROOM's is no answer at all."""
    vehicle = {**PROBLEM["vehicles"][0], "colour": "red"}
    result = run({**PROBLEM, "vehicles": [vehicle]}, "-c", "--roads", "straight", lang="zh-CN")
    refused = run({**PROBLEM, "jobs": [{**PROBLEM["jobs"][0], "time_window": [[0, 1]]}]}, "-c", "--roads", "straight")

    assert "已忽略 VROOM 没有的键：vehicles[].colour。" in result.stderr
    assert json.loads(result.stdout)["code"] == 0
    assert (json.loads(refused.stdout)["code"], refused.exit_code) == (2, 2)


def test_errors_and_help_are_in_the_language_that_is_asked_for() -> None:
    """Of the command and of each option."""
    english, chinese = (run("", "--help", lang=lang).stdout for lang in ("en", "zh-CN"))

    assert "Seconds to search" in english
    assert "搜索的秒数" in chinese
    assert "求解以 VROOM 的 JSON 表述的问题" in chinese
    assert json.loads(run("{}", lang="zh-CN").stdout)["error"] == "vehicles：缺少"
