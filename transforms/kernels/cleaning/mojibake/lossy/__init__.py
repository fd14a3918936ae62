"""Repair of sequences that lost a byte: what is lost, what it may stand for, and which words make it sure."""
