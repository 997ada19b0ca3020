"""`geo-engine solve`: a problem in VROOM's JSON comes in, VROOM's answer goes out."""

import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cache
from typing import Any, override

import click

from geo_engine.cli.numbers import NumberRange
from geo_engine.cli.road_graphs import named_graph
from geo_engine.cli.screen import SolveBar, default_language, first_interrupt, say
from geo_engine.cli.spoken import SpokenCommand
from geo_engine.errors import GeoEngineError
from geo_engine.planning.solver.kernel_spare import kernel_ready
from geo_engine.planning.solver.solve import SolverContradictionError
from geo_engine.planning.vroom.answering import AnswerParams, answer
from geo_engine.planning.vroom.document import list_passed_over, read_document
from geo_engine.planning.vroom.writing import INPUT, INTERNAL, error_document
from geo_engine.roads.opening import open_roads
from geo_engine.words import Language, Message

_WORDS = Message(
    "Solve a problem in VROOM's JSON, read from standard input, and write VROOM's answer. What goes wrong is told "
    "there as well, with VROOM's code: 1 for us, 2 for the problem, 3 for roads. What is not supported is refused by "
    "its name."
)
_OPTION_WORDS = {
    "is_plan": Message("Put times to the routes that are given as steps, and tell which rules they break."),
    "with_geometry": Message("Tell each route's way as a polyline, and distances."),
    "time_limit_s": Message("Seconds to search; by the number of tasks unless given."),
    "roads": Message("An extract (.osm.pbf), a graph folder, or “straight”: for places without matrices."),
}


_MOST_NAMED = 12


class _Answering(SpokenCommand):
    """A command that tells on standard output, too, what is wrong with its options."""

    @override
    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            _tell({"code": INPUT, "error": error.format_message()})
            raise
        except GeoEngineError as error:
            language = None if parent is None else parent.find_root().obj
            _tell(error_document(error, language or default_language()))
            raise


@click.command(cls=_Answering, words=_WORDS, option_words=_OPTION_WORDS)
@click.option("-c", "--plan", "is_plan", is_flag=True)
@click.option("-g", "--geometry", "with_geometry", is_flag=True)
@click.option("-l", "--time-limit", "time_limit_s", type=NumberRange(0.1, 86_400))
@click.option("--roads")
@click.pass_obj
def command(
    language: Language, *, is_plan: bool, with_geometry: bool, time_limit_s: float | None, roads: str | None
) -> None:
    """Answer a problem of VROOM's."""
    params = AnswerParams(is_plan=is_plan, with_geometry=with_geometry, time_limit_s=time_limit_s)
    try:
        _tell(_answered(sys.stdin.buffer.read(), params, roads, language))
    except GeoEngineError as error:
        _tell(error_document(error, language))
        raise
    except SolverContradictionError as error:
        _tell({"code": INTERNAL, "error": str(error)})
        raise


def _tell(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False))


def _answered(text: bytes, params: AnswerParams, roads: str | None, language: Language) -> dict[str, Any]:
    document = read_document(text)
    _name_passed_over(list_passed_over(document), language)
    stopping = Message("Stopping; the best plan so far is kept.").render(language)
    with ExitStack() as ends:
        if not params.is_plan:
            ends.enter_context(kernel_ready())
        if roads is not None:
            router = ends.enter_context(open_roads(named_graph(roads, language))).router
            params = replace(params, router=router)
        asked = ends.enter_context(first_interrupt(stopping))

        @cache
        def bar() -> SolveBar:  # none for what ends before there is a search
            return ends.enter_context(closing(SolveBar(params.time_limit_s, language)))

        return answer(document, params, on_progress=lambda progress: bar().show(progress), should_stop=asked.is_set)


def _name_passed_over(keys: Sequence[str], language: Language) -> None:
    """Name the keys that say nothing to VROOM, the first of many."""
    if keys:
        named = ", ".join([*keys[:_MOST_NAMED], *(["…"] if len(keys) > _MOST_NAMED else [])])
        say(Message("Passed over, as VROOM has no such keys: {keys}.", {"keys": named}).render(language))
