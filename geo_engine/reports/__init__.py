"""What leaves the engine for people's eyes: files, frames and maps."""
