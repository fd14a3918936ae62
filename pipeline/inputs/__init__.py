"""What a run reads: patterns to splits, files that the configuration names, earlier outputs."""
