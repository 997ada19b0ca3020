"""What jobs and workers are called where a person reads: by name, else by id."""

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.day import DayPlan


def site_name(job_id: JobId, day: DayPlan) -> str:
    """Return the name of a job's site; its id when it has none."""
    site = day.sites.get(job_id)
    return site.name or str(job_id) if site else str(job_id)


def worker_name(worker_id: WorkerId, day: DayPlan) -> str:
    """Return the name of a worker; the id when there is none."""
    worker = day.workers.get(worker_id)
    return worker.name or str(worker_id) if worker else str(worker_id)
