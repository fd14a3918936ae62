"""Sets and classes of code points."""
