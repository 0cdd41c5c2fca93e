"""TODO newsloom/demo_world."""
