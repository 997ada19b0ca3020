"""What is wrong with a command line is said in the language that was asked for."""

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import click
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner

import geo_engine
from geo_engine.cli import geo_engine as program

FOLDER = Path(geo_engine.__file__).parent / "locale/zh_CN/LC_MESSAGES"
REPRESENTATION = "Choice({choices})"


def _said(source: Path) -> Iterator[str]:
    """Yield the sentences that a module of click has translated; of two, by number, the first."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext"}:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nonsense"], "错误：没有命令 'nonsense'。"),
        (["fences", "list"], "错误：缺少参数 'TENANT'."),
        (["fences", "list", "a", "--within-m", "far"], "错误：'--within-m' 的值无效：'far' 不是有效的数值。"),
        (["fences", "list", "a", "--within"], "错误：没有选项 '--within'。 （是否想输入：'--within-m'？）"),
        (["convert", "--from", "x"], "错误：'--from' 的值无效：'x' 不在可选值"),
        (["fences", "list", "a", "b"], "错误：多余的参数（b）"),
    ],
    ids=["command", "argument", "number", "option", "choice", "too-many"],
)
def test_a_wrong_command_line_is_told_in_chinese(arguments: list[str], told: str) -> None:
    """Also how the command is used and where help is; after --lang en it is English again."""
    chinese = CliRunner().invoke(program, ["--lang", "zh-CN", *arguments])
    english = CliRunner().invoke(program, ["--lang", "en", *arguments])

    assert chinese.exit_code == english.exit_code == 2
    assert told in chinese.stderr
    assert chinese.stderr.startswith("用法：")
    assert "帮助请见：" in chinese.stderr
    assert english.stderr.isascii()
    assert "Error: " in english.stderr


def test_all_that_click_says_of_a_command_line_is_translated() -> None:
    """Also after click has changed a sentence."""
    with (FOLDER / "messages.po").open("rb") as file:
        catalog = read_po(file)
    source = Path(click.__file__).parent

    said = {one for name in ("exceptions", "parser", "types") for one in _said(source / f"{name}.py")}

    assert said - {REPRESENTATION} <= {
        message.id if isinstance(message.id, str) else message.id[0] for message in catalog
    }


def test_the_compiled_catalog_is_that_of_its_source() -> None:
    """It is what gettext reads."""
    compiled = BytesIO()

    with (FOLDER / "messages.po").open("rb") as source:
        write_mo(compiled, read_po(source))

    assert (FOLDER / "messages.mo").read_bytes() == compiled.getvalue()
