"""What pages are made of, each pure: texts with marks, columns of a histogram, ranges of time, permalinks,
how sources name a story, directions of scripts."""
