"""The dispatcher's pages: a day on the map, planned, changed by hand, published."""
