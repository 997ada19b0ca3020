"""The auditor's pages: a worker's day replayed, who passed a place, and what workers are told of such looks."""
