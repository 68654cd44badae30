"""The commands `research-agent` and `quick-evaluator`."""
