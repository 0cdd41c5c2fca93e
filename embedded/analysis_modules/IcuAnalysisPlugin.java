package newsloom;

import com.ibm.icu.text.FilteredNormalizer2;
import com.ibm.icu.text.Normalizer2;
import com.ibm.icu.text.Transliterator;
import com.ibm.icu.text.UnicodeSet;
import java.util.Map;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.icu.ICUFoldingFilter;
import org.apache.lucene.analysis.icu.ICUNormalizer2Filter;
import org.apache.lucene.analysis.icu.ICUTransformFilter;
import org.apache.lucene.analysis.icu.segmentation.DefaultICUTokenizerConfig;
import org.apache.lucene.analysis.icu.segmentation.ICUTokenizer;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/** What our templates name of Elasticsearch's plugin analysis-icu: words and folding by Unicode's rules. */
public final class IcuAnalysisPlugin extends Plugin implements AnalysisPlugin {

  @Override
  public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    return Map.of("icu_tokenizer", (index, env, name, settings) -> {
      NewsAnalysisPlugin.refuseOthers("icu_tokenizer", settings);
      return TokenizerFactory.newFactory(name, IcuAnalysisPlugin::tokenizer);
    });
  }

  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of(
        "icu_folding", (index, env, name, settings) -> new Folding(name, settings),
        "icu_transform", (index, env, name, settings) -> {
          NewsAnalysisPlugin.refuseOthers("icu_transform", settings, "id");
          Transliterator transform = Transliterator.getInstance(settings.get("id", "Null"));
          return NewsAnalysisPlugin.plain(name, in -> new ICUTransformFilter(in, transform));
        });
  }

  private static Tokenizer tokenizer() {
    return new ICUTokenizer(new DefaultICUTokenizerConfig(true, true)); // words of Chinese and Japanese, and of Burmese
  }

  private static final class Folding extends AbstractTokenFilterFactory implements NormalizingTokenFilterFactory {
    private final Normalizer2 normalizer;

    Folding(String name, Settings settings) {
      super(name);
      NewsAnalysisPlugin.refuseOthers("icu_folding", settings, "unicode_set_filter");
      String set = settings.get("unicode_set_filter");
      normalizer = set == null
          ? ICUFoldingFilter.NORMALIZER
          : new FilteredNormalizer2(ICUFoldingFilter.NORMALIZER, new UnicodeSet(set).freeze());
    }

    @Override
    public TokenStream create(TokenStream in) {
      return new ICUNormalizer2Filter(in, normalizer);
    }
  }
}
