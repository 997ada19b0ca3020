"""VROOM's interface: its JSON becomes our problem, our plan its answer. There is no other solver behind it."""
