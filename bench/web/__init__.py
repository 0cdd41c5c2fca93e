"""Speed of the page: what people wait for on it, beside the same requests to Elasticsearch bare."""
