"""The improvement kernel: ruin and recreate with simulated annealing, compiled."""
