"""How many real addresses of an extract are found again when people write them their own way.

Run as ``python tests/benchmarks/geocode_addresses.py [EXTRACT] [--seed N]``. Takes 100 seeded addresses with
street and house number (fewer when the extract has fewer), writes each in four styles, resolves all,
and prints how many are found: confident and within 100 m of the tagged position.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from geo_engine.basemap.address_words import is_chinese
from geo_engine.basemap.addresses import House, read_gazetteer
from geo_engine.basemap.geocode import ExtractGeocoder

MONACO = Path(__file__).parents[2] / "scripts" / "data" / "monaco.osm.pbf"
ADDRESS_COUNT = 100
NEAR_M = 100.0
_SHORT = {
    "Avenue": "Av.", "Avenida": "Av.", "Boulevard": "Bd", "Rue": "R.", "Rua": "R.", "Place": "Pl.", "Praça": "Pç.",
    "Travessa": "Tv.", "Largo": "Lg.", "Chemin": "Ch.", "Escalier": "Esc.", "Street": "St", "Road": "Rd",
    "Doutor": "Dr.", "Général": "Gén.", "Alameda": "Al.", "Saint": "St", "Sainte": "Ste", "Professor": "Prof.",
}  # fmt: skip


def as_tagged(house: House, town: str, _: random.Random) -> str:
    """Write number and street in the usual order."""
    number = house.numbers[0]
    line = f"{house.street}{number}号" if is_chinese(house.street) else f"{number} {house.street}"
    return f"{line}{town}"


def swapped(house: House, town: str, _: random.Random) -> str:
    """Write the number on the other side."""
    return f"{house.street} {house.numbers[0]}{town}"


def abbreviated(house: House, town: str, _: random.Random) -> str:
    """Write the words that people shorten short."""
    words = " ".join(_SHORT.get(word, word) for word in house.street.split())
    return f"{words}, {house.numbers[0]}{town}"


def misspelt(house: House, town: str, rng: random.Random) -> str:
    """Lose, double, swap or change one letter of the street's name."""
    street = house.street
    at = rng.randrange(1, len(street) - 1)
    kind = rng.choice(("lost", "doubled", "swapped", "changed"))
    middle = {"lost": "", "doubled": street[at] * 2, "swapped": street[at + 1] + street[at], "changed": "x"}[kind]
    written = street[:at] + middle + street[at + (2 if kind == "swapped" else 1) :]
    return f"{house.numbers[0]} {written}{town}"


STYLES: tuple[Callable[[House, str, random.Random], str], ...] = (as_tagged, swapped, abbreviated, misspelt)


def main() -> None:
    """Print the hit rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", nargs="?", type=Path, default=MONACO)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="tell every miss")
    chosen = parser.parse_args()
    gazetteer = read_gazetteer(chosen.extract)
    houses = sorted(
        (house for street in gazetteer.streets for houses in street.houses.values() for house in houses),
        key=lambda house: (house.street, house.numbers),
    )
    rng = random.Random(chosen.seed)
    sample = rng.sample(houses, min(ADDRESS_COUNT, len(houses)))
    started = time.perf_counter()
    geocoder = ExtractGeocoder(chosen.extract)
    built_s = time.perf_counter() - started
    counts: Counter[tuple[str, str]] = Counter()
    started = time.perf_counter()
    for house in sample:
        town = f", {house.postcode} {house.city}".replace(",  ", ", ") if house.city else ""
        for style in STYLES:
            address = style(house, town, rng)
            found = geocoder.geocode(address)
            gap_m = gazetteer.plane.distance_m(found.best.position, house.position) if found.best else float("inf")
            outcome = ("hit" if gap_m <= NEAR_M else "wrong") if found.is_confident else "asked"
            counts[style.__name__, outcome] += 1
            if chosen.verbose and outcome != "hit":
                best = (found.best.label, found.best.score) if found.best else None
                sys.stderr.write(f"{outcome}: {address!r} -> {best} {gap_m:.0f} m\n")
    took_s = time.perf_counter() - started
    _report(counts, len(sample), built_s, took_s)


def _report(counts: Counter[tuple[str, str]], sample_count: int, built_s: float, took_s: float) -> None:
    out = sys.stdout.write
    total = sample_count * len(STYLES)
    out(f"{sample_count} addresses, {total} spellings; index built in {built_s:.2f} s, resolved in {took_s:.2f} s\n")
    out(f"{'style':<14}{'hit':>8}{'asked':>8}{'wrong':>8}\n")
    for style in STYLES:
        row = [counts[style.__name__, outcome] for outcome in ("hit", "asked", "wrong")]
        out(f"{style.__name__:<14}" + "".join(f"{value / max(1, sample_count):>8.0%}" for value in row) + "\n")
    for outcome in ("hit", "asked", "wrong"):
        count = sum(counts[style.__name__, outcome] for style in STYLES)
        out(f"{outcome}: {count} of {total} ({count / max(1, total):.1%})\n")


if __name__ == "__main__":
    main()
