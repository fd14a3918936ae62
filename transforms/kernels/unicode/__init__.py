"""Unicode."""
