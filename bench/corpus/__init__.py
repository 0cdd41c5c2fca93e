"""The corpus as benchmarks and training read it: articles, streams of reports with known stories, marked names, scores."""
