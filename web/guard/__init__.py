"""Who may ask, and what a browser may do with an answer: headers, names of this server, sessions, sites that ask."""
