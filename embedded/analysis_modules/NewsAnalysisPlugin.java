package newsloom;

import java.io.Reader;
import java.io.StringReader;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ar.ArabicNormalizationFilter;
import org.apache.lucene.analysis.ar.ArabicStemFilter;
import org.apache.lucene.analysis.bn.BengaliNormalizationFilter;
import org.apache.lucene.analysis.bn.BengaliStemFilter;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.pattern.PatternReplaceCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.de.GermanLightStemFilter;
import org.apache.lucene.analysis.de.GermanNormalizationFilter;
import org.apache.lucene.analysis.el.GreekLowerCaseFilter;
import org.apache.lucene.analysis.el.GreekStemFilter;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.en.EnglishMinimalStemFilter;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.KStemFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.es.SpanishLightStemFilter;
import org.apache.lucene.analysis.fa.PersianNormalizationFilter;
import org.apache.lucene.analysis.fa.PersianStemFilter;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.fr.FrenchLightStemFilter;
import org.apache.lucene.analysis.hi.HindiNormalizationFilter;
import org.apache.lucene.analysis.hi.HindiStemFilter;
import org.apache.lucene.analysis.id.IndonesianStemFilter;
import org.apache.lucene.analysis.in.IndicNormalizationFilter;
import org.apache.lucene.analysis.it.ItalianLightStemFilter;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.pt.PortugueseLightStemFilter;
import org.apache.lucene.analysis.ru.RussianLightStemFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.synonym.SolrSynonymParser;
import org.apache.lucene.analysis.synonym.SynonymGraphFilter;
import org.apache.lucene.analysis.synonym.SynonymMap;
import org.apache.lucene.analysis.tr.ApostropheFilter;
import org.apache.lucene.analysis.tr.TurkishLowerCaseFilter;
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
      Map.entry("arabic", ArabicStemFilter::new),
      Map.entry("bengali", BengaliStemFilter::new),
      Map.entry("greek", GreekStemFilter::new),
      Map.entry("hindi", HindiStemFilter::new),
      Map.entry("indonesian", IndonesianStemFilter::new),
      Map.entry("persian", PersianStemFilter::new),
      Map.entry("dutch", in -> new SnowballFilter(in, new DutchStemmer())),
      Map.entry("turkish", in -> new SnowballFilter(in, new TurkishStemmer())),
      Map.entry("russian", in -> new SnowballFilter(in, new RussianStemmer())),
      Map.entry("light_russian", RussianLightStemFilter::new));

  private static final Map<String, UnaryOperator<TokenStream>> LOWER_CASES = Map.of(
      "", LowerCaseFilter::new,
      "greek", GreekLowerCaseFilter::new,
      "turkish", TurkishLowerCaseFilter::new);

  private static final Map<String, Integer> BIGRAM_SCRIPTS = Map.of(
      "han", CJKBigramFilter.HAN,
      "hiragana", CJKBigramFilter.HIRAGANA,
      "katakana", CJKBigramFilter.KATAKANA,
      "hangul", CJKBigramFilter.HANGUL);

  private static final Pattern ESCAPED = Pattern.compile("\\\\u([0-9a-fA-F]{4})");

  @Override
  public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
    return Map.of(
        "mapping", AnalysisPlugin.requiresAnalysisSettings((index, env, name, settings) -> {
          refuseOthers("mapping", settings, "mappings");
          NormalizeCharMap map = charMap(settings.getAsList("mappings"));
          return charFilter(name, in -> new MappingCharFilter(map, in));
        }),
        "pattern_replace", AnalysisPlugin.requiresAnalysisSettings((index, env, name, settings) -> {
          refuseOthers("pattern_replace", settings, "pattern", "replacement");
          Pattern pattern = Pattern.compile(settings.get("pattern"));
          String replacement = settings.get("replacement", "");
          return charFilter(name, in -> new PatternReplaceCharFilter(pattern, replacement, in));
        }));
  }

  private static CharFilterFactory charFilter(String name, UnaryOperator<Reader> filter) {
    return new CharFilterFactory() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Reader create(Reader in) {
        return filter.apply(in);
      }
    };
  }

  private static NormalizeCharMap charMap(List<String> rules) {
    NormalizeCharMap.Builder builder = new NormalizeCharMap.Builder();
    for (String rule : rules) {
      String[] sides = rule.split("=>", -1);
      if (sides.length != 2) {
        throw new IllegalArgumentException("mapping [" + rule + "] is not of the form [a=>b]");
      }
      builder.add(unescape(sides[0].strip()), unescape(sides[1].strip()));
    }
    return builder.build();
  }

  private static String unescape(String text) {
    return ESCAPED.matcher(text).replaceAll(found -> Character.toString(Integer.parseInt(found.group(1), 16)));
  }

  /** Filters that may be named in an analyzer without a definition. */
  @Override
  public List<PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
    return List.of(
        PreConfiguredTokenFilter.singleton("apostrophe", false, ApostropheFilter::new),
        PreConfiguredTokenFilter.singleton("arabic_normalization", true, ArabicNormalizationFilter::new),
        PreConfiguredTokenFilter.singleton("asciifolding", true, ASCIIFoldingFilter::new),
        PreConfiguredTokenFilter.singleton("bengali_normalization", true, BengaliNormalizationFilter::new),
        PreConfiguredTokenFilter.singleton("cjk_bigram", false, CJKBigramFilter::new),
        PreConfiguredTokenFilter.singleton("cjk_width", true, CJKWidthFilter::new),
        PreConfiguredTokenFilter.singleton("elision", true, in -> new ElisionFilter(in, FrenchAnalyzer.DEFAULT_ARTICLES)),
        PreConfiguredTokenFilter.singleton("german_normalization", true, GermanNormalizationFilter::new),
        PreConfiguredTokenFilter.singleton("hindi_normalization", true, HindiNormalizationFilter::new),
        PreConfiguredTokenFilter.singleton("indic_normalization", true, IndicNormalizationFilter::new),
        PreConfiguredTokenFilter.singleton("kstem", false, KStemFilter::new),
        PreConfiguredTokenFilter.singleton("persian_normalization", true, PersianNormalizationFilter::new),
        PreConfiguredTokenFilter.singleton("porter_stem", false, PorterStemFilter::new),
        PreConfiguredTokenFilter.singleton("stemmer", false, PorterStemFilter::new));
  }

  /** Filters that an index defines with parameters. */
  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of(
        "asciifolding", (index, env, name, settings) -> new AsciiFolding(name, settings),
        "cjk_bigram", (index, env, name, settings) -> bigrams(name, settings),
        "elision", AnalysisPlugin.requiresAnalysisSettings((index, env, name, settings) -> {
          refuseOthers("elision", settings, "articles", "articles_case");
          CharArraySet articles = Analysis.parseArticles(env, settings);
          if (articles == null) {
            throw new IllegalArgumentException("elision filter [" + name + "] requires [articles]");
          }
          return plain(name, in -> new ElisionFilter(in, articles));
        }),
        "lowercase", (index, env, name, settings) -> {
          refuseOthers("lowercase", settings, "language");
          return new LowerCase(name, known("lowercase", LOWER_CASES, settings.get("language", "")));
        },
        "porter_stem", (index, env, name, settings) -> plain(name, PorterStemFilter::new),
        "stemmer", AnalysisPlugin.requiresAnalysisSettings((index, env, name, settings) -> {
          refuseOthers("stemmer", settings, "language", "name");
          return plain(name, known("stemmer", STEMMERS, settings.get("language", settings.get("name", "porter"))));
        }),
        "synonym_graph", AnalysisPlugin.requiresAnalysisSettings(
            (index, env, name, settings) -> new SynonymGraph(name, settings)));
  }

  @Override
  public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
    return Map.of("english", (index, env, name, settings) ->
        new PreBuiltAnalyzerProvider(name, AnalyzerScope.INDICES, new EnglishAnalyzer()));
  }

  private static UnaryOperator<TokenStream> known(
      String type, Map<String, UnaryOperator<TokenStream>> filters, String language) {
    UnaryOperator<TokenStream> filter = filters.get(language.toLowerCase(Locale.ROOT));
    if (filter == null) {
      throw new IllegalArgumentException(type + " language [" + language + "] is none of " + filters.keySet());
    }
    return filter;
  }

  private static TokenFilterFactory bigrams(String name, Settings settings) {
    refuseOthers("cjk_bigram", settings, "ignored_scripts", "output_unigrams");
    List<String> ignored = settings.getAsList("ignored_scripts");
    int scripts = BIGRAM_SCRIPTS.entrySet().stream()
        .filter(each -> !ignored.contains(each.getKey()))
        .mapToInt(Map.Entry::getValue)
        .sum(); // of flags
    boolean unigrams = settings.getAsBoolean("output_unigrams", false);
    return plain(name, in -> new CJKBigramFilter(in, scripts, unigrams));
  }

  static TokenFilterFactory plain(String name, UnaryOperator<TokenStream> filter) {
    return new AbstractTokenFilterFactory(name) {
      @Override
      public TokenStream create(TokenStream in) {
        return filter.apply(in);
      }
    };
  }

  /** Without a definition, a filter that needs none is given the settings of the index: those are not meant. */
  static void refuseOthers(String type, Settings settings, String... known) {
    for (String key : settings.keySet()) {
      String parameter = key.replaceFirst("\\.\\d+$", "");
      boolean general = parameter.startsWith("index.") || parameter.equals("type") || parameter.equals("version");
      if (!general && !List.of(known).contains(parameter)) {
        throw new IllegalArgumentException("[" + parameter + "] of [" + type + "] is not carried by the embedded server");
      }
    }
  }

  private static final class LowerCase extends AbstractTokenFilterFactory implements NormalizingTokenFilterFactory {
    private final UnaryOperator<TokenStream> filter;

    LowerCase(String name, UnaryOperator<TokenStream> filter) {
      super(name);
      this.filter = filter;
    }

    @Override
    public TokenStream create(TokenStream in) {
      return filter.apply(in);
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
