"""Items, users and events on their way in: read, checked, kept once each."""
