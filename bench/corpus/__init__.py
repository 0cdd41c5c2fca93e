"""The corpus, for benchmarks and training: articles, streams of reports with known stories, marked names, scores."""
