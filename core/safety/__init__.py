"""Text that is aimed at a model instead of a reader: hidden, found, fenced, stripped. Rules, no model, no network."""
