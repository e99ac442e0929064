"""Models behind HTTP: wire formats, faults, limits and the cascade."""
