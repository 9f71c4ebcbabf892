"""The monitor's words on the wire."""
