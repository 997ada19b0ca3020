"""What phones post: one path a protocol."""
