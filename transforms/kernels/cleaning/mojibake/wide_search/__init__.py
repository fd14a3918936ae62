"""The search for UTF-8 that was read through one of some forty single-byte encodings."""
