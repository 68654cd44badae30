"""Talking to a language model: one call to an OpenAI-compatible server, its answer or a typed failure."""
