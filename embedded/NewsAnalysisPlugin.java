package newsloom;

import java.io.StringReader;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.de.GermanLightStemFilter;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.en.EnglishMinimalStemFilter;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.KStemFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.es.SpanishLightStemFilter;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.fr.FrenchLightStemFilter;
import org.apache.lucene.analysis.it.ItalianLightStemFilter;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.pt.PortugueseLightStemFilter;
import org.apache.lucene.analysis.ru.RussianLightStemFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.synonym.SolrSynonymParser;
import org.apache.lucene.analysis.synonym.SynonymGraphFilter;
import org.apache.lucene.analysis.synonym.SynonymMap;
import org.apache.lucene.analysis.tr.ApostropheFilter;
import org.apache.lucene.analysis.util.ElisionFilter;
import org.apache.lucene.util.CharsRef;
import org.apache.lucene.util.CharsRefBuilder;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexService.IndexCreationContext;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.AnalyzerScope;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.CustomAnalyzer;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.PreBuiltAnalyzerProvider;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;
import org.tartarus.snowball.ext.DutchStemmer;
import org.tartarus.snowball.ext.EnglishStemmer;
import org.tartarus.snowball.ext.FrenchStemmer;
import org.tartarus.snowball.ext.GermanStemmer;
import org.tartarus.snowball.ext.ItalianStemmer;
import org.tartarus.snowball.ext.PortugueseStemmer;
import org.tartarus.snowball.ext.RussianStemmer;
import org.tartarus.snowball.ext.SpanishStemmer;
import org.tartarus.snowball.ext.TurkishStemmer;

/**
 * The token filters that our index templates name, for an Elasticsearch without its analysis-common module (which is
 * not published as a jar). Names, parameters and defaults are Elasticsearch's own, so that one template works here and
 * on the full server; a parameter that is not carried is refused, never ignored. The filters themselves are Lucene's.
 */
public final class NewsAnalysisPlugin extends Plugin implements AnalysisPlugin {

  private static final Map<String, UnaryOperator<TokenStream>> STEMMERS = Map.ofEntries(
      Map.entry("english", PorterStemFilter::new),
      Map.entry("porter", PorterStemFilter::new),
      Map.entry("porter2", in -> new SnowballFilter(in, new EnglishStemmer())),
      Map.entry("light_english", KStemFilter::new),
      Map.entry("minimal_english", EnglishMinimalStemFilter::new),
      Map.entry("possessive_english", EnglishPossessiveFilter::new),
      Map.entry("german", in -> new SnowballFilter(in, new GermanStemmer())),
      Map.entry("light_german", GermanLightStemFilter::new),
      Map.entry("french", in -> new SnowballFilter(in, new FrenchStemmer())),
      Map.entry("light_french", FrenchLightStemFilter::new),
      Map.entry("spanish", in -> new SnowballFilter(in, new SpanishStemmer())),
      Map.entry("light_spanish", SpanishLightStemFilter::new),
      Map.entry("italian", in -> new SnowballFilter(in, new ItalianStemmer())),
      Map.entry("light_italian", ItalianLightStemFilter::new),
      Map.entry("portuguese", in -> new SnowballFilter(in, new PortugueseStemmer())),
      Map.entry("light_portuguese", PortugueseLightStemFilter::new),
      Map.entry("dutch", in -> new SnowballFilter(in, new DutchStemmer())),
      Map.entry("turkish", in -> new SnowballFilter(in, new TurkishStemmer())),
      Map.entry("russian", in -> new SnowballFilter(in, new RussianStemmer())),
      Map.entry("light_russian", RussianLightStemFilter::new));

  /** Filters that may be named in an analyzer without a definition. */
  @Override
  public List<PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
    return List.of(
        PreConfiguredTokenFilter.singleton("apostrophe", false, ApostropheFilter::new),
        PreConfiguredTokenFilter.singleton("asciifolding", true, ASCIIFoldingFilter::new),
        PreConfiguredTokenFilter.singleton("elision", true, in -> new ElisionFilter(in, FrenchAnalyzer.DEFAULT_ARTICLES)),
        PreConfiguredTokenFilter.singleton("kstem", false, KStemFilter::new),
        PreConfiguredTokenFilter.singleton("porter_stem", false, PorterStemFilter::new),
        PreConfiguredTokenFilter.singleton("stemmer", false, PorterStemFilter::new));
  }

  /** Filters that an index defines with parameters. */
  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of(
        "asciifolding", (index, env, name, settings) -> new AsciiFolding(name, settings),
        "elision", AnalysisPlugin.requiresAnalysisSettings((index, env, name, settings) -> {
          refuseOthers("elision", settings, "articles", "articles_case");
          CharArraySet articles = Analysis.parseArticles(env, settings);
          if (articles == null) {
            throw new IllegalArgumentException("elision filter [" + name + "] requires [articles]");
          }
          return plain(name, in -> new ElisionFilter(in, articles));
        }),
        "porter_stem", (index, env, name, settings) -> plain(name, PorterStemFilter::new),
        "stemmer", AnalysisPlugin.requiresAnalysisSettings((index, env, name, settings) -> {
          refuseOthers("stemmer", settings, "language", "name");
          return plain(name, stemmer(settings.get("language", settings.get("name", "porter"))));
        }),
        "synonym_graph", AnalysisPlugin.requiresAnalysisSettings(
            (index, env, name, settings) -> new SynonymGraph(name, settings)));
  }

  @Override
  public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
    return Map.of("english", (index, env, name, settings) ->
        new PreBuiltAnalyzerProvider(name, AnalyzerScope.INDICES, new EnglishAnalyzer()));
  }

  private static UnaryOperator<TokenStream> stemmer(String language) {
    UnaryOperator<TokenStream> stemmer = STEMMERS.get(language.toLowerCase(Locale.ROOT));
    if (stemmer == null) {
      throw new IllegalArgumentException("stemmer language [" + language + "] is none of " + STEMMERS.keySet());
    }
    return stemmer;
  }

  private static TokenFilterFactory plain(String name, UnaryOperator<TokenStream> filter) {
    return new AbstractTokenFilterFactory(name) {
      @Override
      public TokenStream create(TokenStream in) {
        return filter.apply(in);
      }
    };
  }

  private static void refuseOthers(String type, Settings settings, String... known) {
    for (String key : settings.keySet()) {
      String parameter = key.replaceFirst("\\.\\d+$", "");
      if (!parameter.equals("type") && !parameter.equals("version") && !List.of(known).contains(parameter)) {
        throw new IllegalArgumentException("[" + parameter + "] of [" + type + "] is not carried by the embedded server");
      }
    }
  }

  private static final class AsciiFolding extends AbstractTokenFilterFactory implements NormalizingTokenFilterFactory {
    private final boolean preserveOriginal;

    AsciiFolding(String name, Settings settings) {
      super(name);
      refuseOthers("asciifolding", settings, "preserve_original");
      preserveOriginal = settings.getAsBoolean("preserve_original", false);
    }

    @Override
    public TokenStream create(TokenStream in) {
      return new ASCIIFoldingFilter(in, preserveOriginal);
    }

    @Override
    public TokenStream normalize(TokenStream in) {
      return new ASCIIFoldingFilter(in, false); // a normalizer has to give one token
    }

    @Override
    public TokenFilterFactory getSynonymFilter() {
      return plain(name(), this::normalize); // and so has an entry of a synonym list, word by word
    }
  }

  private static final class SynonymGraph extends AbstractTokenFilterFactory {
    private final String rules;
    private final boolean expand;
    private final boolean lenient;

    SynonymGraph(String name, Settings settings) {
      super(name);
      refuseOthers("synonym_graph", settings, "synonyms", "expand", "lenient");
      if (!settings.hasValue("synonyms")) {
        throw new IllegalArgumentException("synonym_graph filter [" + name + "] requires [synonyms]");
      }
      rules = String.join("\n", settings.getAsList("synonyms"));
      expand = settings.getAsBoolean("expand", true);
      lenient = settings.getAsBoolean("lenient", false);
    }

    @Override
    public TokenStream create(TokenStream in) {
      throw new IllegalStateException("made per analyzer, see getChainAwareTokenFilterFactory");
    }

    /** The rules are read through the analyzer's own earlier filters, so that they match what those leave. */
    @Override
    public TokenFilterFactory getChainAwareTokenFilterFactory(
        IndexCreationContext context,
        TokenizerFactory tokenizer,
        List<CharFilterFactory> charFilters,
        List<TokenFilterFactory> previous,
        Function<String, TokenFilterFactory> allFilters) {
      SynonymMap synonyms = read(new CustomAnalyzer(
          tokenizer,
          charFilters.toArray(CharFilterFactory[]::new),
          previous.stream().map(TokenFilterFactory::getSynonymFilter).toArray(TokenFilterFactory[]::new)));
      String name = name();
      return new TokenFilterFactory() {
        @Override
        public String name() {
          return name;
        }

        @Override
        public TokenStream create(TokenStream in) {
          return synonyms.fst == null ? in : new SynonymGraphFilter(in, synonyms, false);
        }

        @Override
        public TokenFilterFactory getSynonymFilter() {
          return IDENTITY_FILTER; // a second synonym filter's rules are not expanded by the first one's
        }
      };
    }

    private SynonymMap read(Analyzer analyzer) {
      try {
        RuleReader reader = new RuleReader(expand, lenient, analyzer);
        reader.parse(new StringReader(rules));
        return reader.build();
      } catch (Exception e) {
        throw new IllegalArgumentException("failed to build synonyms of [" + name() + "]", e);
      }
    }
  }

  /** Lenient: a word that the analyzer removes or splits oddly is left out instead of refusing the whole list. */
  private static final class RuleReader extends SolrSynonymParser {
    private final boolean lenient;

    RuleReader(boolean expand, boolean lenient, Analyzer analyzer) {
      super(true, expand, analyzer);
      this.lenient = lenient;
    }

    @Override
    public CharsRef analyze(String text, CharsRefBuilder reuse) throws java.io.IOException {
      try {
        return super.analyze(text, reuse);
      } catch (IllegalArgumentException e) {
        if (!lenient) {
          throw e;
        }
        return new CharsRef("");
      }
    }

    @Override
    public void add(CharsRef input, CharsRef output, boolean includeOriginal) {
      if (!lenient || (input.length > 0 && output.length > 0)) {
        super.add(input, output, includeOriginal);
      }
    }
  }
}
