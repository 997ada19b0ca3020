"""Weeks: visiting rules, periods planned from them, and what they cover."""
