"""The inside of the kernel's own process: reads one task, sends every better plan its threads find, obeys “stop”.

Compiled code takes a second to load: the task is read first, for the parent waits until it is.
"""

from multiprocessing.connection import Connection

from geo_engine.planning.solver_task import Incumbent, IndexOrders, Task, take_task

_SEED = 1
_ITERATIONS_PER_SOLUTION = 100


def search(task: Task, requests: Connection, plans_out: Connection) -> None:
    """Solve the task, sending an `Incumbent` for every improvement; anything else the parent sends ends the search."""
    from geo_engine.planning.search.arrays import build_arrays  # noqa: PLC0415 - loads the compiled code
    from geo_engine.planning.search.kernel import Effort, improve  # noqa: PLC0415

    def on_better(cost: int, orders: IndexOrders) -> None:
        plans_out.send(Incumbent(cost=cost, orders=orders))

    counted = None if task.solution_limit is None else _ITERATIONS_PER_SOLUTION * task.solution_limit
    improve(
        build_arrays(task.problem),
        task.start,
        seed=_SEED,
        effort=Effort(deadline_s=task.deadline_s, iterations=counted, thread_count=task.thread_count),
        on_better=on_better,
        should_stop=requests.poll,
    )


def main() -> None:
    """Serve the one task the parent sends."""
    search(*take_task())


if __name__ == "__main__":
    main()
