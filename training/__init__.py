"""Learns the weights and builds the tables that lie beside the code which reads them; nothing here runs in a service.

train_block_classifier, train_tagger and train_join_model each learn one model and say in their first lines on what
data; build_cities, build_person_names and build_word_embeddings write tables. The others are what they learn with.
"""
