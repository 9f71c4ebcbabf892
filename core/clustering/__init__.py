"""Messages that want the same, found without being told how many wants there are. Opens no encoder, reads no files."""
