"""A backtest: an archive replayed through the pipeline with a clock of its own, measured against prices."""
