"""What `geo-engine simulate` refuses, and how its wait is ended; driving a plan is part of a company's day."""

import json
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from support.ingest_server import write_devices
from support.program import MONACO, PROGRAM, run_program


def test_a_day_that_is_to_come_is_waited_for_until_somebody_stops_it(tmp_path: Path) -> None:
    """A day of tomorrow sends nothing; Ctrl-C ends the wait with the summary and exit code 0."""
    devices = write_devices(tmp_path / "devices.jsonl", [("W1", "batch")])
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    command = [PROGRAM, "--lang", "en", "simulate", "--devices", devices, "--extract", MONACO, "--start", tomorrow]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "The day begins at" not in (line := process.stderr.readline()):
            assert line, "it ended by itself"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    assert json.loads(out)["acknowledged"] == 0
    assert json.loads(out)["is_interrupted"]


def test_a_server_that_takes_nothing_is_no_success(tmp_path: Path) -> None:
    """Where nobody answers the summary says so, a sentence stands on standard error, and the exit code is 3."""
    devices = write_devices(tmp_path / "devices.jsonl", [("W1", "batch")])
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    nobody = ("--server", "http://127.0.0.1:9", "--start", an_hour_ago, "--speed", 0, "--for", 0.5)

    run = run_program("--lang", "en", "simulate", "--devices", devices, "--extract", MONACO, *nobody)

    told = json.loads(run.out)
    assert run.code == 3
    assert told["acknowledged"] == 0 < told["unsent"]
    assert f"the server took none of {told['requests']} request(s)" in run.err


def test_a_ledger_is_written_into_a_folder_that_is_there(tmp_path: Path) -> None:
    """Otherwise nobody drives at all."""
    write_devices(tmp_path / "devices.jsonl", [("W1", "batch")])
    words = ("simulate", "--devices", "devices.jsonl", "--extract", MONACO, "--ledger", "none/ledger.jsonl")

    run = run_program("--lang", "en", *words, folder=tmp_path)

    assert (run.code, run.out) == (2, "")
    assert run.err == "none/ledger.jsonl cannot be written: there is no folder none.\n"
    assert [file.name for file in tmp_path.iterdir()] == ["devices.jsonl"]


def test_whose_days_are_meant_must_be_said(tmp_path: Path) -> None:
    """Neither a plan nor an extract is refused."""
    write_devices(tmp_path / "devices.jsonl", [("W1", "batch")])

    run = run_program("--lang", "en", "simulate", "--devices", "devices.jsonl", folder=tmp_path)

    assert run.code == 2
    assert "--extract" in run.err
