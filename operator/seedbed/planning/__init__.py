"""Planners: what proposes the next experiment. The contract, and the search planner that needs no LLM."""
