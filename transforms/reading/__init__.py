"""Files to batches of documents."""
