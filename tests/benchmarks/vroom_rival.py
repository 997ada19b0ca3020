"""What VROOM itself answers to given problems; run by a Python that has pyvroom, which ours has not.

Run as ``python vroom_rival.py FOLDER``: reads ``*.json`` in VROOM's own form, with matrices; writes one JSON line a
problem to stdout: ``{"name", "seconds", "answer"}``, in plan mode where ``options.c`` asks for it.
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

import vroom


def main() -> None:
    """Read, answer, print."""
    for path in sorted(Path(sys.argv[1]).glob("*.json")):
        options = json.loads(path.read_text(encoding="utf-8")).get("options", {})
        began_s = time.monotonic()
        try:
            problem = vroom.Input.from_json(path)
            limit = timedelta(seconds=options["l"]) if "l" in options else None
            solved = problem.check() if options.get("c") else problem.solve(5, 2, limit)
            answer = solved.to_dict()
        except Exception as error:  # noqa: BLE001  # whatever VROOM throws is its answer
            answer = {"code": 2, "error": str(error)}
        print(json.dumps({"name": path.stem, "seconds": time.monotonic() - began_s, "answer": answer}), flush=True)


if __name__ == "__main__":
    main()
