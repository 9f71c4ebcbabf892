"""What every app stands on: backend, index, server, settings. Names no app."""
