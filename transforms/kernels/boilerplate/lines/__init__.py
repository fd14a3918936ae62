"""Lines of texts: where they stand, what they spell when folded, which are code or parts of a paragraph."""
