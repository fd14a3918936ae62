"""A Flink cluster on this machine for Beam pipelines, without containers."""
