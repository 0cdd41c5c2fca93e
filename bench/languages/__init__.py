"""What measures languages: how often the language of an article is told right, with and without what sites say."""
