"""The laptop world: documents and artifacts in a folder, a process per run, one writer at a time."""
