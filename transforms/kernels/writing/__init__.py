"""Cutting the surviving documents into shards."""
