"""Public test material: the app contract and the fakes."""
