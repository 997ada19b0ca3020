"""What is kept of the words of OSRM's tools."""

import subprocess

import pytest

from geo_engine.roads.tools import last_words

STAMP = "[2026-11-23T18:55:59.128]"


@pytest.mark.parametrize(
    ("stdout", "stderr", "expected"),
    [
        pytest.param(
            f"{STAMP} [info] RAM: peak bytes used: 10874880",
            f"{STAMP} [error] There are no edges remaining after parsing.src/extractor/extractor.cpp:749",
            "There are no edges remaining after parsing.",
            id="an error of its own",
        ),
        pytest.param(
            f"{STAMP} [info] route",
            "terminate called after throwing 'osmium::pbf_error'\n  what():  PBF error: unexpected EOF\n",
            "PBF error: unexpected EOF",
            id="an uncaught exception",
        ),
        pytest.param(f"{STAMP} [info] Threads: 2", "", "Threads: 2", id="no error at all"),
        pytest.param("", "", "exit -9", id="silence"),
    ],
)
def test_last_words_are_the_line_that_says_why(stdout: str, stderr: str, expected: str) -> None:
    """Time stamps, source lines and chatter after the error are left out."""
    run = subprocess.CompletedProcess(args=["osrm-extract"], returncode=-9, stdout=stdout, stderr=stderr)

    assert last_words(run) == expected
