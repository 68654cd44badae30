"""The planner that asks a language model: what is asked, what comes back, and what becomes of it."""
