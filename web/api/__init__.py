"""What machines and phones may ask for and send: JSON in and out, a device's key instead of a session."""
