"""The inside of the kernel's own process: reads one task, sends every better plan its threads find, obeys “stop”.

Compiled code takes more than a second to load: a thread does that from the start on, whether or not there is a task
yet. It gives way at once where the task is read, for the parent waits until it is.
"""

import sys
import threading
from multiprocessing.connection import Connection

from geo_engine.planning.solver.task import Incumbent, IndexOrders, Task, take_task

_SEED = 1
_SWITCH_S = 0.000_5
_ITERATIONS_PER_SOLUTION = 100


def search(task: Task, requests: Connection, plans_out: Connection) -> None:
    """Solve the task, sending an `Incumbent` for every improvement; anything else the parent sends ends the search."""
    from geo_engine.planning.search.kernel import Effort  # noqa: PLC0415 - loads the compiled code
    from geo_engine.planning.solver.handovers import improve_day  # noqa: PLC0415

    def on_better(cost: int, orders: IndexOrders) -> None:
        plans_out.send(Incumbent(cost=cost, orders=orders))

    counted = None if task.solution_limit is None else _ITERATIONS_PER_SOLUTION * task.solution_limit
    improve_day(
        task.problem,
        {**{shift: prefix for shift, prefix in enumerate(task.problem.prefixes) if prefix}, **task.start},
        seed=_SEED,
        effort=Effort(deadline_s=task.deadline_s, iterations=counted, thread_count=task.thread_count),
        on_better=on_better,
        should_stop=requests.poll,
    )


def _load() -> None:
    """Have the compiled code read: a problem of two jobs calls all of it."""
    from geo_engine.planning.search.warm_up import call_all  # noqa: PLC0415 - loads the compiled code

    call_all()


def main() -> None:
    """Serve the one task the parent sends."""
    sys.setswitchinterval(_SWITCH_S)
    threading.Thread(target=_load, daemon=True).start()
    search(*take_task())


if __name__ == "__main__":
    main()
