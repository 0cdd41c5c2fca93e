"""Languages and countries as people name them, for the options of commands.

In: what was typed: "Turkish" or "tr", "Turkey" or "TR". Out: the code that articles have. What is none ends the command
with wrong usage, and names what is near.
"""

import difflib

import click


class Language(click.ParamType[str]):
    """A language: two letters, or its name in English or in itself."""

    name = "language"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code of the language."""
        from enrich import language_names  # noqa: PLC0415 - babel takes a fifth of a second to import

        found = language_names.find_language(value)
        if found is None:
            near = language_names.nearest_languages(value)
            hint = f": did you mean {' or '.join(near)}?" if near else "; two letters do too, as in en or tr"
            self.fail(f"no language is called {value!r}{hint}", param, ctx)
        return found


class Country(click.ParamType[str]):
    """A country: two letters, or its name in English."""

    name = "country"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The ISO code of the country."""
        from enrich import gazetteer  # noqa: PLC0415 - babel takes a fifth of a second to import

        found = gazetteer.find_country(value)
        if found is None:
            codes, wanted = gazetteer.country_codes(gazetteer.ENGLISH), gazetteer.normalise_phrase(value)
            meant = dict.fromkeys(codes[each] for each in difflib.get_close_matches(wanted, list(codes), n=2))
            near = [f"{gazetteer.country_name(code)} ({code})" for code in meant]
            hint = f": did you mean {' or '.join(near)}?" if near else "; two letters do too, as in GB or TR"
            self.fail(f"no country is called {value!r}{hint}", param, ctx)
        return found


LANGUAGE, COUNTRY = Language(), Country()
# of every command that finds articles or stories
LANGUAGE_OPTION = click.option("--language", type=LANGUAGE, help="Only in this language (two letters, or its name).")
COUNTRY_OPTION = click.option(
    "--country", type=COUNTRY, help="Only naming this country or a place in it (two letters, or its name)."
)
