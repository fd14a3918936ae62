"""Languages and scripts of texts: names, settings, the script of a text."""
