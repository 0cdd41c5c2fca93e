"""The subcommands of `newsloom`: each file has one, or a group of them, and is named after it."""
