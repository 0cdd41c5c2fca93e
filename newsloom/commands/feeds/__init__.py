"""The subcommands of `newsloom feeds`: what the list has, and how each of its feeds is."""
