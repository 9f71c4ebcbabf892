"""Files and uploads become documents with passages: decode, read the format, chunk, split. No SQL, no model.

`files` is the door; one file per format beside it; `blocks` is what the formats have in common.
"""
