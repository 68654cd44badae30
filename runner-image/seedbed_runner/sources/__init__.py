"""Where data come from: a folder of the user's, the cache, or the place that publishes them.

Called by the datasets of `seedbed_runner.data` within `prepare`, the only step that may reach a network. Each
dataset is looked for in that order, and what is found in the first place is used or refused, never passed
over. Nothing stands in for anything else: what can't be loaded is an error that says where it was looked for.
"""
