"""Cleaned documents and their index as files, so that later stages read columns."""
