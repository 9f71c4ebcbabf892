"""What the desk does, step by step: import, search, ask, evaluate. Speaks no HTTP and no SQL."""
