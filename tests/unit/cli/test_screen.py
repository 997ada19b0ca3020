"""Progress on the terminal: what a person can use of it."""

import pytest

from geo_engine.cli.screen import SolveBar
from geo_engine.planning.solver.solve import Progress
from geo_engine.words import Language


@pytest.mark.parametrize(
    ("language", "told"),
    [(Language.EN, "best plan so far: 2 left out"), (Language.ZH_CN, "目前最佳计划：未安排 2 个")],
)
def test_a_search_tells_how_much_is_left_out_and_no_cost(
    capsys: pytest.CaptureFixture[str], language: Language, told: str
) -> None:
    """Its cost has the penalties of what is left out in it: a number that nobody can use."""
    bar = SolveBar(10.0, language)

    bar.show(Progress(elapsed_s=1.0, cost=154_849_273, unassigned_count=2))
    bar.close()

    shown = capsys.readouterr().err
    assert told in shown
    assert "154849273" not in shown.replace(",", "")
