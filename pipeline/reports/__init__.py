"""Showing people what a run did, or would do, to a corpus or a text."""
