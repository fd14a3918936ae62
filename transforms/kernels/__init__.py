"""What corpusmill knows about text: str, Arrow and NumPy in and out. No Beam, files, clock or random."""
