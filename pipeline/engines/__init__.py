"""What runs the pipeline: local runners and workers, Flink, Prism, Dataflow."""
