"""Taking samples: warm-up by evidence, a calibrated inner loop, counters and memory beside it."""
