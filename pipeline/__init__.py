"""The corpusmill application: assembly of the transforms, configuration, runs and the command line."""
