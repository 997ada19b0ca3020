"""Weeks: how often sites are due becomes days, and each day the routes that visit them."""
