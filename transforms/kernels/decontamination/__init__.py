"""Items of benchmarks found in documents."""
