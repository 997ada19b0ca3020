"""What a person at a terminal sees beside the results: messages and progress, always on stderr."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

import click
from tqdm import tqdm

from geo_engine.planning.solver.solve import Progress
from geo_engine.tables import RowProblem
from geo_engine.words import Language, Message


def default_language() -> Language:
    """Return the language of the environment."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return Language.ZH_CN if locale.lower().startswith("zh") else Language.EN


def say(sentence: str) -> None:
    """Print a sentence on stderr."""
    click.echo(sentence, err=True)


def step_teller(language: Language) -> Callable[[Message, float], None]:
    """Return what prints the steps of a longer work as they begin."""

    def tell(step: Message, _done: float) -> None:
        say(step.render(language))

    return tell


def say_problems(problems: Iterable[RowProblem], language: Language) -> None:
    """Print each problem of files' rows on a line of its own."""
    for problem in problems:
        say(_problem_line(problem, language))


def _problem_line(problem: RowProblem, language: Language) -> str:
    # file:line column: reason, leaving out what is not known
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    column = f" {problem.column}" if problem.column else ""
    return f"{place}{column}: {problem.reason.render(language)}"


class SolveBar:
    """A progress bar of a search: seconds gone, and the best plan so far."""

    def __init__(self, total_s: float | None, language: Language) -> None:
        interval_s = 0.2 if sys.stderr.isatty() else 2.0
        layout = "{desc} {n:.0f}/{total_fmt} s |{bar:24}| {postfix}" if total_s else "{desc} {n:.0f} s {postfix}"
        self._language = language
        self._bar = tqdm(
            total=total_s,
            desc=Message("Planning").render(language),
            bar_format=layout,
            mininterval=interval_s,
            file=sys.stderr,
        )

    def show(self, progress: Progress) -> None:
        """Draw the state of the search."""
        figures = Message("looking for a first plan")
        if progress.unassigned_count is not None:  # not the cost: what is left out is priced in it
            figures = Message("best plan so far: {count} left out", {"count": progress.unassigned_count})
        self._bar.set_postfix_str(figures.render(self._language), refresh=False)
        elapsed_s = progress.elapsed_s if self._bar.total is None else min(progress.elapsed_s, self._bar.total)
        self._bar.update(elapsed_s - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it is and go to the next line."""
        self._bar.refresh()
        self._bar.close()


class CountBar:
    """A progress bar of things that are counted, with a note beside it."""

    def __init__(self, total: int, name: Message, language: Language) -> None:
        interval_s = 0.2 if sys.stderr.isatty() else 5.0
        layout = "{desc} {n_fmt}/{total_fmt} |{bar:24}| {rate_fmt} {postfix}"
        self._language = language
        self._bar = tqdm(
            total=total, desc=name.render(language), bar_format=layout, mininterval=interval_s, file=sys.stderr
        )

    def show(self, count: int, note: Message | None = None) -> None:
        """Draw how many there are by now."""
        if note is not None:
            self._bar.set_postfix_str(note.render(self._language), refresh=False)
        self._bar.update(count - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it is and go to the next line."""
        self._bar.refresh()
        self._bar.close()


@contextmanager
def first_interrupt(sentence: str) -> Iterator[Event]:
    """Give an event that the first Ctrl-C or SIGTERM sets instead of ending the program; the second ends it."""
    asked = Event()

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            signal.default_int_handler(number, frame)
        asked.set()
        say(f"\n{sentence}")

    before = {number: signal.signal(number, on_interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
