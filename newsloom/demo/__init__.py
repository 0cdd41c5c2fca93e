"""TODO newsloom/demo."""
