"""The commands of `corpusmill`. Each module imports what is heavy only when a command of it runs."""
