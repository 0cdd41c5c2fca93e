"""Separates article text from boilerplate (navigation, teasers, newsletter calls, credits) in HTML pages.

In the order in which a page passes them: `blocks` splits it; `block_features` describes each block by numbers, with the
help of `feature_columns`, `ancestor_features`, `boilerplate_phrases`, `adjacent_features` and `word_count`;
`block_classifier` decides which blocks belong to the article, with `neighbour_features` for its second pass;
`text_choice` whether trafilatura's text is the better one. Then, for all pages of a feed: `site_boilerplate` removes
lines that recur from page to page, and `layout_drift` notices when a publisher has changed its layout.
"""
