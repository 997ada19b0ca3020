"""Where people are now, as maps ask for it every few seconds."""
