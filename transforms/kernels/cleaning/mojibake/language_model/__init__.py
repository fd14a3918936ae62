"""What plausible text is: pairs of characters, words, spelling, and the languages of a text."""
