"""What field work is, and what can be computed about it."""
