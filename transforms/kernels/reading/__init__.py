"""Bytes and records to rows of documents."""
