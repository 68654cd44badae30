"""The cluster world: resources in Kubernetes, a Job per run, artifacts in S3, and the operator."""
