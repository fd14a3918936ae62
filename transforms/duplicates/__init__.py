"""Finding duplicates: candidates, exact verification, the cover that decides."""
