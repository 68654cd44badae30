"""Every decision: pure functions from an observed state and the time to actions.

No I/O, no clock, no randomness, no Kubernetes, no torch. The same state always gives the same actions.
"""
