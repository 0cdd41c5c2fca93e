"""What pages are made of, each pure: texts with marks, columns of a histogram, permalinks, directions of scripts."""
