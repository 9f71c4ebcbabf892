"""The shared Transformer: checkpoint, encoder, runtimes, queue. Importing it costs nothing."""
