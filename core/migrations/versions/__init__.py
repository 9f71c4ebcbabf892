"""Core's migrations, one file a change, never edited once released."""
