"""corpusmill turns raw text into a clean, deduplicated corpus, and says for every document what happened to it."""

__version__ = "0.1.0"
