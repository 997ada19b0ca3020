"""What a kilometre costs, as options of the command line say it."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from geo_engine.errors import InvalidInput
from geo_engine.tables.parsers import parse_number
from geo_engine.tenancy.travel_prices import ASSUMED_PRICES, ModePrice, TravelPrices, stated_prices
from geo_engine.travel_modes import parse_mode
from geo_engine.words import Message

CURRENCIES = ("CNY", "EUR", "USD", "HKD", "JPY", "GBP", "SGD")
DEAREST = 1_000_000
currency_option = click.option("--currency", type=click.Choice(CURRENCIES), default="CNY", show_default=True)


def prices_options[**P, R](command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the options ``--price`` and ``--currency``."""
    price = click.option(
        "--price",
        "prices",
        metavar="MODE=PER_KM",
        multiple=True,
        help="What a kilometre costs by a travel mode, such as car=0.6; assumed for China unless given.",
    )
    given: Callable[[Any], Any] = price
    return currency_option(given(command))  # type: ignore[no-any-return]


def read_prices(texts: Sequence[str], currency: str) -> TravelPrices:
    """Return the prices that options say.

    Raises
    ------
    InvalidInput
        When one is no mode and price.
    """
    if not texts and currency == ASSUMED_PRICES.currency:
        return ASSUMED_PRICES
    return stated_prices(currency, dict(map(_price, texts)))


def _price(text: str) -> tuple[Any, ModePrice]:
    mode, mark, per_km = text.partition("=")
    if not mark:
        raise InvalidInput(Message("“{text}” is not a price such as car=0.6.", {"text": text}))
    return parse_mode(mode), ModePrice(per_km=parse_number(per_km, at_least=0, at_most=DEAREST))
