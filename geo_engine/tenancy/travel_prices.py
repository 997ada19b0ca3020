"""What a kilometre costs a company by each way of travelling: savings are told in money by these prices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from geo_engine.travel_modes import TravelMode

_METRES_PER_KM = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModePrice:
    """What a kilometre costs: stated, or what is used up times its price.

    Parameters
    ----------
    per_km
        Money.
    used_per_100_km, unit_price
        What `per_km` was worked out from: litres of fuel, or kilowatt-hours, and the price of one; None where it was
        stated.
    """

    per_km: float
    used_per_100_km: float | None = None
    unit_price: float | None = None


def price_by_use(used_per_100_km: float, unit_price: float) -> ModePrice:
    """Return the price of a kilometre from what is used up.

    Examples
    --------
    >>> price_by_use(8.0, 7.5).per_km
    0.6
    """
    per_km = round(used_per_100_km * unit_price / 100.0, 6)
    return ModePrice(per_km=per_km, used_per_100_km=used_per_100_km, unit_price=unit_price)


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelPrices:
    """A company's prices.

    Parameters
    ----------
    currency
        As ISO 4217 writes it, such as ``CNY``.
    by_mode
        What travels by a mode that is not in it costs nobody knows what.
    is_assumed
        Whether nobody has said them: then they are ours for China.
    """

    currency: str
    by_mode: Mapping[TravelMode, ModePrice] = field(default_factory=dict)
    is_assumed: bool = False

    def money(self, metres_by_mode: Mapping[TravelMode, int]) -> float | None:
        """Return what so many metres cost; None where one of the modes has no price."""
        if any(metres and mode not in self.by_mode for mode, metres in metres_by_mode.items()):
            return None
        return sum(
            self.by_mode[mode].per_km * metres / _METRES_PER_KM for mode, metres in metres_by_mode.items() if metres
        )


_FREE = ModePrice(per_km=0.0)
_NO_FUEL = {TravelMode.BICYCLE: _FREE, TravelMode.FOOT: _FREE}

# Petrol (92) at about 7.6 yuan a litre and 8 l/100 km in town; an e-bike's 1.5 kWh/100 km at 0.6 yuan.
ASSUMED_PRICES = TravelPrices(
    currency="CNY",
    by_mode=MappingProxyType(
        {TravelMode.CAR: price_by_use(8.0, 7.6), TravelMode.EBIKE: price_by_use(1.5, 0.6), **_NO_FUEL}
    ),
    is_assumed=True,
)


def stated_prices(currency: str, said: Mapping[TravelMode, ModePrice]) -> TravelPrices:
    """Return a company's prices: of what it did not say, ours in yuan, and in any other currency only what is free."""
    usual = ASSUMED_PRICES.by_mode if currency == ASSUMED_PRICES.currency else _NO_FUEL
    return TravelPrices(currency=currency, by_mode={**usual, **said})


def prices_document(said: Mapping[TravelMode, ModePrice]) -> dict[str, dict[str, float]]:
    """Return prices by mode as JSON can hold them."""
    return {
        mode.value: {
            name: value
            for name in ("per_km", "used_per_100_km", "unit_price")
            if (value := getattr(price, name)) is not None
        }
        for mode, price in said.items()
    }


def read_said(document: Mapping[str, Any] | None) -> dict[TravelMode, ModePrice]:
    """Return the prices of a document; none of none."""
    return {TravelMode(mode): ModePrice(**price) for mode, price in (document or {}).items()}


def read_prices(currency: str | None, document: Mapping[str, Any] | None) -> TravelPrices:
    """Return a company's prices as they are kept; ours where nothing is."""
    return ASSUMED_PRICES if currency is None or not document else stated_prices(currency, read_said(document))
