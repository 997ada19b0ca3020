"""Rows and transactions: what every store stands on."""
