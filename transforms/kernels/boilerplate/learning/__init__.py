"""Lines learned from a corpus: which pages teach, what is counted, what is learned, and where it is taken out."""
