"""Lines of texts: where they are, what they spell when folded, which are code or parts of a paragraph."""
