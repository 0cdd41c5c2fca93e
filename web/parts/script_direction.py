"""Script direction: from which side a language is written. Pure."""

# of the languages that CLDR knows as written from the right, those that language detection tells
FROM_THE_RIGHT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


def direction_of(language: str) -> str:
    """The value of `dir` for a text in this language; "auto" (by its first letter) where the language is not known."""
    if language in FROM_THE_RIGHT:
        return "rtl"
    return "ltr" if len(language) in (2, 3) else "auto"
