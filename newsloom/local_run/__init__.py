"""TODO newsloom/local_run."""
