"""The pages of imports: a file is sent, looked at, corrected on the map, and written."""
