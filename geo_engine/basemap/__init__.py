"""The map underneath: an OpenStreetMap extract's roads, water, parks, places and addresses."""
