"""Cleaning the text of documents, and dropping documents by rule."""
