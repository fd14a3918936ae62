"""Rules on the text of a document, one text at a time and column by column."""
