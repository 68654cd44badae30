"""The planner that asks a language model: what is asked, how, what comes back, and what becomes of it."""
