"""Seconds to read 5,000 rows with 1 % bad ones, beside pandas on the same file; run as a script.

Prints one line a format: file, sites, problems, seconds (best of three), pandas' seconds, ratio.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import openpyxl
import pandas as pd  # type: ignore[import-untyped]

from geo_engine.customers.files import read_sites
from geo_engine.geometry.crs import Crs

ROW_COUNT = 5_000
HEADER = ("id", "name", "lon", "lat", "service_min", "windows", "skills", "priority", "required", "amounts")
type Row = tuple[str, str, float | str, float, int, str, str, int, str, str]


def made_rows() -> list[Row]:
    """Return rows of which every hundredth has a longitude that is no number."""
    random.seed(7)
    return [
        (
            f"S{k}",
            f"客户 {k}",
            "?" if k % 100 == 0 else round(121.4 + random.random() / 5, 6),
            round(31.2 + random.random() / 5, 6),
            random.randrange(15, 45),
            "09:00-11:00;15:00-18:00",
            random.choice(("", "gas", "gas;lift")),
            random.randrange(100),
            random.choice(("yes", "no")),
            "10;2",
        )
        for k in range(ROW_COUNT)
    ]


def write_files(folder: Path) -> None:
    """Write the rows as CSV, XLSX and GeoJSON."""
    rows = made_rows()
    pd.DataFrame(rows, columns=list(HEADER)).to_csv(folder / "sites.csv", index=False)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (HEADER, *rows):
        sheet.append(row)
    book.save(folder / "sites.xlsx")
    features = [
        {
            "type": "Feature",
            "geometry": None if row[2] == "?" else {"type": "Point", "coordinates": row[2:4]},
            "properties": {name: cell for name, cell in zip(HEADER, row, strict=True) if name not in {"lon", "lat"}},
        }
        for row in rows
    ]
    document = {"type": "FeatureCollection", "features": features}
    (folder / "sites.geojson").write_text(json.dumps(document), encoding="utf-8")


def read_json_frame(path: Path) -> object:
    """Return what pandas makes of the features."""
    return pd.json_normalize(json.loads(path.read_text(encoding="utf-8"))["features"])


def best_s(read: Callable[[], object]) -> float:
    """Return the shortest of three runs in seconds."""
    spans = []
    for _ in range(3):
        start = time.perf_counter()
        read()
        spans.append(time.perf_counter() - start)
    return min(spans)


def main() -> None:
    """Measure the three formats in WGS 84 and the CSV in GCJ-02 too."""
    others: dict[str, Callable[[Path], object]] = {
        "sites.csv": pd.read_csv,
        "sites.xlsx": pd.read_excel,
        "sites.geojson": read_json_frame,
    }
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder))
        for crs in (Crs.WGS84, Crs.GCJ02):
            for name, other in others.items():
                path = Path(folder) / name
                read = read_sites(path, crs=crs, resolve=None)
                ours_s = best_s(partial(read_sites, path, crs=crs, resolve=None))
                theirs_s = best_s(partial(other, path))
                sys.stdout.write(
                    f"{name} {crs} sites={len(read.sites)} problems={len(read.problems)} "
                    f"seconds={ours_s:.3f} pandas={theirs_s:.3f} ratio={ours_s / theirs_s:.1f}\n"
                )


if __name__ == "__main__":
    main()
