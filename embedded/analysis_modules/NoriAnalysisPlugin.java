package newsloom;

import java.util.Map;
import org.apache.lucene.analysis.ko.KoreanPartOfSpeechStopFilter;
import org.apache.lucene.analysis.ko.KoreanReadingFormFilter;
import org.apache.lucene.analysis.ko.KoreanTokenizer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/** What our templates name of Elasticsearch's plugin analysis-nori: Korean words without their particles. */
public final class NoriAnalysisPlugin extends Plugin implements AnalysisPlugin {

  @Override
  public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    return Map.of("nori_tokenizer", (index, env, name, settings) -> {
      NewsAnalysisPlugin.refuseOthers("nori_tokenizer", settings);
      return TokenizerFactory.newFactory(name, KoreanTokenizer::new);
    });
  }

  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of(
        "nori_part_of_speech", (index, env, name, settings) -> {
          NewsAnalysisPlugin.refuseOthers("nori_part_of_speech", settings);
          return NewsAnalysisPlugin.plain(name, KoreanPartOfSpeechStopFilter::new);
        },
        "nori_readingform", (index, env, name, settings) -> {
          NewsAnalysisPlugin.refuseOthers("nori_readingform", settings);
          return NewsAnalysisPlugin.plain(name, KoreanReadingFormFilter::new);
        });
  }
}
