package org.daguerre.springai;

import java.util.Objects;
import java.util.function.UnaryOperator;
import org.daguerre.Request;
import org.springframework.ai.image.ImageOptions;

/**
 * Spring AI's options with those that only Daguerre has. Getters answer null for what was not chosen, as Spring AI's interface wants it.
 *
 * <pre>{@code
 * ImageOptions options = DaguerreImageOptions.builder().n(2).size(512, 512).seed(42).settings(r -> r.steps(30)).build();
 * }</pre>
 */
public final class DaguerreImageOptions implements ImageOptions {
    private final Builder f;

    private DaguerreImageOptions(Builder fields) {
        f = fields;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Number of pictures, from consecutive seeds. */
    @Override
    public Integer getN() {
        return f.n;
    }

    /** Null: a session has one model. */
    @Override
    public String getModel() {
        return null;
    }

    @Override
    public Integer getWidth() {
        return f.width;
    }

    @Override
    public Integer getHeight() {
        return f.height;
    }

    /** Null: pictures always come as base64 PNG. */
    @Override
    public String getResponseFormat() {
        return null;
    }

    /** Null: styles are part of the prompt. */
    @Override
    public String getStyle() {
        return null;
    }

    /** Null: a seed is drawn for every call. */
    public Long getSeed() {
        return f.seed;
    }

    /** Everything else that a request can say. */
    public UnaryOperator<Request.Builder> settings() {
        return f.settings;
    }

    /** Collects options. Values are checked when the request is made. */
    public static final class Builder {
        private Integer n;
        private Integer width;
        private Integer height;
        private Long seed;
        private UnaryOperator<Request.Builder> settings = r -> r;

        private Builder() {
        }

        public Builder n(int pictures) {
            n = pictures;
            return this;
        }

        /** In pixels; multiples of 8. */
        public Builder size(int w, int h) {
            width = w;
            height = h;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** @param change steps, sampler, guidance, negative prompt, strength, adapters, ...; applied after the model's own settings */
        public Builder settings(UnaryOperator<Request.Builder> change) {
            settings = Objects.requireNonNull(change, "settings");
            return this;
        }

        public DaguerreImageOptions build() {
            Builder copy = new Builder();
            copy.n = n;
            copy.width = width;
            copy.height = height;
            copy.seed = seed;
            copy.settings = settings;
            return new DaguerreImageOptions(copy);
        }
    }
}
