"""What the control side and the training side agree on: records, metrics, layers, names, hashes.

Standard library only, so that an operator without torch and a runner without pydantic read the same file.
"""
