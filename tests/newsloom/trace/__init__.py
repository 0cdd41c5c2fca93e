"""An article's way, told: by invented facts, and on the real servers."""
