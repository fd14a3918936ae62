"""Scores of documents, and the decisions that follow from them."""
