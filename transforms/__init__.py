"""Beam transforms over Arrow batches of documents; each is thin and stands on kernels of the same name."""
