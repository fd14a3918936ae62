"""Decided documents to shards."""
