"""`geo-engine` as `geo-engine up` starts it: told to end when whoever started it dies."""

import os
import signal
import sys

from geo_engine.children import end_with_parent
from geo_engine.cli import main as run_command


def main() -> None:
    """Run the command that follows the parent's process id on the command line."""
    parent = int(sys.argv.pop(1))
    end_with_parent(signal.SIGTERM)
    if os.getppid() == parent:  # else it died while Python was being loaded
        run_command()


if __name__ == "__main__":
    main()
