package newsloom;

import java.util.Locale;
import java.util.Map;
import org.apache.lucene.analysis.ja.JapaneseAnalyzer;
import org.apache.lucene.analysis.ja.JapaneseBaseFormFilter;
import org.apache.lucene.analysis.ja.JapaneseKatakanaStemFilter;
import org.apache.lucene.analysis.ja.JapanesePartOfSpeechStopFilter;
import org.apache.lucene.analysis.ja.JapaneseTokenizer;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/** What our templates name of Elasticsearch's plugin analysis-kuromoji: Japanese words in their dictionary form. */
public final class KuromojiAnalysisPlugin extends Plugin implements AnalysisPlugin {

  @Override
  public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    return Map.of("kuromoji_tokenizer", (index, env, name, settings) -> {
      NewsAnalysisPlugin.refuseOthers("kuromoji_tokenizer", settings, "mode", "discard_compound_token");
      JapaneseTokenizer.Mode mode = mode(settings);
      boolean partsOnly = settings.getAsBoolean("discard_compound_token", false);
      return TokenizerFactory.newFactory(name, () -> new JapaneseTokenizer(null, true, partsOnly, mode));
    });
  }

  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of(
        "kuromoji_baseform", (index, env, name, settings) -> {
          NewsAnalysisPlugin.refuseOthers("kuromoji_baseform", settings);
          return NewsAnalysisPlugin.plain(name, JapaneseBaseFormFilter::new);
        },
        "kuromoji_part_of_speech", (index, env, name, settings) -> {
          NewsAnalysisPlugin.refuseOthers("kuromoji_part_of_speech", settings);
          return NewsAnalysisPlugin.plain(
              name, in -> new JapanesePartOfSpeechStopFilter(in, JapaneseAnalyzer.getDefaultStopTags()));
        },
        "kuromoji_stemmer", (index, env, name, settings) -> {
          NewsAnalysisPlugin.refuseOthers("kuromoji_stemmer", settings);
          return NewsAnalysisPlugin.plain(name, JapaneseKatakanaStemFilter::new);
        });
  }

  private static JapaneseTokenizer.Mode mode(Settings settings) {
    String mode = settings.get("mode", JapaneseTokenizer.DEFAULT_MODE.name());
    return JapaneseTokenizer.Mode.valueOf(mode.toUpperCase(Locale.ROOT));
  }
}
