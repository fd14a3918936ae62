"""What lines match: the registry of rules, lines with changing parts, and each line of a text with its matches."""
