"""The support desk's words on the wire, a file a subject. Limits stand here; meaning stands in the pipeline."""
