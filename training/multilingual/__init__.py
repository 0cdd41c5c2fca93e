"""Trains the multilingual tagger (enrich/entities/multilingual): corpora, learner, and the command that runs both."""
