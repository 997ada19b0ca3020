"""What a visit to a kind of place usually needs: how long it takes, when it suits, which skill."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from geo_engine.timespan import ClockWindow, parse_clock_window

SHORT_WINDOW_S = 3 * 3600
_DAY = ClockWindow(earliest_s=int(7.5 * 3600), latest_s=19 * 3600)
_SIMPLE_HOURS = re.compile(r"(?:(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)[\w,-]* )?(\d\d:\d\d-\d\d:\d\d(?:,\s*\d\d:\d\d-\d\d:\d\d)*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """A kind of place.

    Parameters
    ----------
    service_min
        Usual minutes on site, one to be chosen.
    windows
        When a visit suits, one to be chosen; written ``09:00-11:30;14:30-17:00``, each at most three hours.
    skill
        What a visit may need.
    """

    service_min: tuple[int, ...]
    windows: tuple[str, ...]
    skill: str


_EATING = Business(service_min=(15, 20, 25), windows=("09:00-11:30", "14:30-17:00"), skill="cold_chain")
_GROCERY = Business(service_min=(20, 25, 30), windows=("08:00-10:30", "13:30-16:00"), skill="cold_chain")
_MEDICAL = Business(
    service_min=(15, 20, 30), windows=("09:00-11:30", "14:00-16:30", "08:30-10:30;15:00-17:30"), skill="medical"
)
_LODGING = Business(service_min=(20, 25, 45), windows=("10:00-12:30", "14:30-17:30"), skill="install")
_COUNTER = Business(service_min=(15, 20, 25), windows=("09:30-12:00", "14:00-17:00"), skill="pos")
_PUBLIC = Business(service_min=(15, 20, 35), windows=("08:30-11:30", "13:30-16:00"), skill="install")
_OTHER = Business(service_min=(15, 20, 25), windows=("09:00-11:30", "13:30-16:30"), skill="pos")

_VALUES = (
    (_EATING, ("restaurant", "cafe", "fast_food", "bar", "pub", "ice_cream", "food_court", "nightclub")),
    (_GROCERY, ("supermarket", "convenience", "bakery", "butcher", "deli", "greengrocer", "seafood", "pastry")),
    (_MEDICAL, ("pharmacy", "clinic", "hospital", "dentist", "doctors", "veterinary", "optician", "nursing_home")),
    (_LODGING, ("hotel", "hostel", "guest_house", "apartment", "motel", "chalet")),
    (_COUNTER, ("bank", "atm", "fuel", "post_office", "casino", "cinema", "theatre", "car_wash")),
    (_PUBLIC, ("school", "kindergarten", "college", "university", "library", "townhall", "police", "museum")),
)
_BY_VALUE = {value: business for business, values in _VALUES for value in values}


def business_of(kind: str) -> Business:
    """Return what a visit to a place of a kind (``shop=bakery``) needs; a general answer for kinds unknown.

    Examples
    --------
    >>> business_of("amenity=pharmacy").skill
    'medical'
    """
    key, _, value = kind.partition("=")
    if key == "healthcare":
        return _MEDICAL
    return _BY_VALUE.get(value, _COUNTER if key == "shop" else _OTHER)


def short_opening(tags: Mapping[str, str]) -> tuple[ClockWindow, ...]:
    """Return the tagged opening hours when they are simple, by day, and in parts of at most three hours.

    Examples
    --------
    >>> short_opening({"opening_hours": "Mo-Fr 09:00-12:00,14:30-17:00"})[0]
    ClockWindow(earliest_s=32400, latest_s=43200)
    >>> short_opening({"opening_hours": "24/7"})
    ()
    """
    found = _SIMPLE_HOURS.fullmatch(tags.get("opening_hours", ""))
    if not found:
        return ()
    windows = tuple(parse_clock_window(part) for part in found[1].split(","))
    fits = all(_DAY.earliest_s <= one.earliest_s and one.latest_s <= _DAY.latest_s for one in windows)
    return windows if fits and all(is_short(one) for one in windows) else ()


def is_short(window: ClockWindow) -> bool:
    """Return whether a window is no longer than three hours."""
    return window.latest_s - window.earliest_s <= SHORT_WINDOW_S
