"""The page of the fences: looked at, drawn, changed, taken over from files and given away."""
