package newsloom;

import java.util.Map;
import org.apache.lucene.analysis.pl.PolishAnalyzer;
import org.apache.lucene.analysis.stempel.StempelFilter;
import org.apache.lucene.analysis.stempel.StempelStemmer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/** What our templates name of Elasticsearch's plugin analysis-stempel: Polish stems. */
public final class StempelAnalysisPlugin extends Plugin implements AnalysisPlugin {

  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of("polish_stem", (index, env, name, settings) -> {
      NewsAnalysisPlugin.refuseOthers("polish_stem", settings);
      return NewsAnalysisPlugin.plain(
          name, in -> new StempelFilter(in, new StempelStemmer(PolishAnalyzer.getDefaultTable())));
    });
  }
}
