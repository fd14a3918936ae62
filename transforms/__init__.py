"""Beam transforms over Arrow batches of documents; each is a thin layer over kernels of the same name."""
