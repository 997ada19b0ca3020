"""Numbers that options take: click's, but for the one that is none."""

import math
from typing import Any, override

import click

from geo_engine.errors import InvalidInput
from geo_engine.words import Message


class NumberRange(click.FloatRange):
    """A number within bounds; NaN, which is within any, is refused."""

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            raise InvalidInput(Message("“{text}” is not a number such as 12 or 12.5.", {"text": value}))
        return number
