"""An article's way, told from what lies on Kafka and in Elasticsearch (`newsloom trace`).

`question` reads what was typed, `gather` asks the servers for the Facts, `way` tells the steps: facts in, steps out.
"""
