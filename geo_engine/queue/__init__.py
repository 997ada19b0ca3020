"""Work that is done later: enqueued in the transaction of what it is about, done by workers on any machine."""

from geo_engine.queue.enqueue import Lane, enqueue, enqueue_once

__all__ = ["Lane", "enqueue", "enqueue_once"]
