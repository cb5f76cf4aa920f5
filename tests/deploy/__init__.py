"""The deployment files, judged without Docker and without a cluster."""
