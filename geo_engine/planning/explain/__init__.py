"""Why not: what prevents a job that is on no route, and what would make room for it."""
