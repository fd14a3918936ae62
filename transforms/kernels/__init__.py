"""What corpusmill knows about text: str, Arrow and NumPy in, Arrow, NumPy and counts out. No Beam, files, clock or random."""
