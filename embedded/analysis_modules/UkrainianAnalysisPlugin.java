package newsloom;

import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.uk.UkrainianMorfologikAnalyzer;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.AnalyzerScope;
import org.elasticsearch.index.analysis.PreBuiltAnalyzerProvider;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/** What our templates name of Elasticsearch's plugin analysis-ukrainian: Ukrainian words in their dictionary form. */
public final class UkrainianAnalysisPlugin extends Plugin implements AnalysisPlugin {

  @Override
  public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
    return Map.of("ukrainian", (index, env, name, settings) -> {
      NewsAnalysisPlugin.refuseOthers("ukrainian", settings);
      return new PreBuiltAnalyzerProvider(name, AnalyzerScope.INDICES, new UkrainianMorfologikAnalyzer());
    });
  }
}
