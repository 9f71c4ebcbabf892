"""Training: examples in, a measured, calibrated version in the registry out. Importing it costs nothing."""
