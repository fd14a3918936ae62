"""Tokens, shingles, signatures, candidate pairs, similarity and cover."""
