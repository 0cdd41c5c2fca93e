"""The local web that bench.whole reads: corpus_pages has the pages, real and in page_frames; foreign_texts has articles
in many languages; local_web serves them.
"""
