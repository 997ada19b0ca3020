"""The shape of the house: sizes, light imports, and every sentence in every language."""

import ast
import json
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for package in ("geo_engine", "web") for path in (ROOT / package).rglob("*.py"))
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*.html"))
SAID = re.compile(r"""\bsay\(\s*(["'])(.*?)\1(.*?)\)""", re.DOTALL)
MODULE_LINES = 400
BODY_LINES = 40
HEAVY = ("sqlalchemy", "flask", "procrastinate")


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_fits_on_a_few_screens(path: Path) -> None:
    """No module of the engine has more than 400 lines, and it opens by saying what it knows."""
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= MODULE_LINES
    assert ast.get_docstring(ast.parse(text))


def test_no_function_body_is_long() -> None:
    """Bodies have at most 40 lines, docstrings not counted."""
    long_bodies = {
        f"{_name(path)}:{function.name}"
        for path in MODULES
        for function in _functions(path)
        if _body_lines(function) > BODY_LINES
    }

    assert long_bodies == set()


def test_the_layers_and_homes_are_kept() -> None:
    """Every import contract of pyproject.toml holds."""
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache"]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("statement", ["import geo_engine.planning", "import geo_engine.cli.plan"])
def test_planning_loads_no_database_web_or_queue(statement: str) -> None:
    """Planning on files needs neither a database nor a web framework nor a queue."""
    script = f"{statement}\nimport sys\nprint([name for name in {HEAVY!r} if name in sys.modules])"

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"


def test_tracks_load_no_data_frames() -> None:
    """Tracks and their files need geopandas, pandas and pyarrow only when those are asked for."""
    script = (
        "import sys, geo_engine.tracks, geo_engine.tracks.files\n"
        "loaded = {'geopandas', 'pandas', 'pyarrow'} & sys.modules.keys()\n"
        "print(sorted(loaded), geo_engine.tracks.to_gdf.__module__)"
    )

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[] geo_engine.tracks.frames"


def test_the_worker_knows_every_table_that_its_tables_refer_to() -> None:
    """A program of its own loads less than the tests do; a table it has not heard of fails with the first row."""
    script = (
        "import geo_engine.jobs\n"
        "from geo_engine.db.base import Base\n"
        "print(len([key.column for table in Base.metadata.tables.values() for key in table.foreign_keys]) > 20)"
    )

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "True"


def test_settings_are_read_at_the_edges_and_handed_down() -> None:
    """Only commands, and what the server loads, read the environment's settings; all else is given them."""
    readers = {
        _name(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "read_settings"
    }

    assert {name for name in readers if not name.startswith("geo_engine/cli/")} == {"web/serving.py"}


def _message_templates() -> Iterator[tuple[str, str]]:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message" and node.args:
                template = node.args[0]
                if isinstance(template, ast.Constant):
                    yield _name(path), str(template.value)
    for path in (*TEMPLATES, *MODULES):
        if path.is_relative_to(ROOT / "web"):
            yield from ((_name(path), found[1]) for found in SAID.findall(path.read_text(encoding="utf-8")))


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_sentence_has_a_chinese_one_with_the_same_facts() -> None:
    """Each `Message` is translated, each translation is used, and their placeholders are equal."""
    catalog: dict[str, str] = json.loads(files("geo_engine").joinpath("words.zh-CN.json").read_text(encoding="utf-8"))
    templates = {template for _, template in _message_templates()}

    assert templates - set(catalog) == set(), "not translated"
    assert set(catalog) - templates == set(), "no longer said"
    assert {key: value for key, value in catalog.items() if _placeholders(key) != _placeholders(value)} == {}


def test_no_chinese_sentence_has_a_space_after_a_unit() -> None:
    """Lengths and durations end with their unit, which is Chinese there as well."""
    catalog: dict[str, str] = json.loads(files("geo_engine").joinpath("words.zh-CN.json").read_text(encoding="utf-8"))
    spaced = re.compile(r"\{(?:distance|duration|radius)\} +[\u4e00-\u9fff]")

    assert [one for one in catalog.values() if spaced.search(one)] == []
