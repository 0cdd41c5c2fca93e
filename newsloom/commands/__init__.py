"""TODO newsloom/commands."""
