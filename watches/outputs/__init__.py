"""Outputs: who is told of hits. A webhook is called, a mail is sent; feed files are written whole."""
