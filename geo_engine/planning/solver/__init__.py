"""How a problem is solved: a portfolio in processes of its own, and plain ways its plans are measured against."""
