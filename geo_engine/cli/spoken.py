"""A command that explains itself in the language that was asked for."""

from collections.abc import Mapping
from typing import Any, override

import click

from geo_engine.cli.screen import default_language
from geo_engine.words import Message


class SpokenCommand(click.Command):
    """A command whose help is a sentence in every language.

    Parameters
    ----------
    words
        What the command does.
    option_words
        What each option does, by the parameter's name.
    """

    def __init__(self, *args: Any, words: Message, option_words: Mapping[str, Message], **kwargs: Any) -> None:  # noqa: ANN401  # click's
        super().__init__(*args, **kwargs)
        self._words = words
        self._option_words = option_words

    @override
    def get_help(self, ctx: click.Context) -> str:
        language = ctx.find_root().obj or default_language()
        self.help = self._words.render(language)
        for option in self.params:
            if isinstance(option, click.Option) and option.name in self._option_words:
                option.help = self._option_words[option.name].render(language)
        return super().get_help(ctx)
