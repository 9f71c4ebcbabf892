"""Programs that print a published figure and need more than the package: labelled files, torch, minutes."""
