package org.daguerre.fuzz;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/** Every parser that reads something from outside, with where its fuzzing starts. */
enum FuzzTargets {
    SAFETENSORS(SafetensorsTarget.class, SafetensorsTarget::seeds, SafetensorsTarget::fuzzerTestOneInput),
    TORCH(TorchTarget.class, TorchTarget::seeds, TorchTarget::fuzzerTestOneInput),
    CONFIG(ConfigTarget.class, ConfigTarget::seeds, ConfigTarget::fuzzerTestOneInput),
    TOKENIZER(TokenizerTarget.class, TokenizerTarget::seeds, TokenizerTarget::fuzzerTestOneInput),
    PROMPT(PromptTarget.class, PromptTarget::seeds, PromptTarget::fuzzerTestOneInput),
    PARAMETERS(ParametersTarget.class, ParametersTarget::seeds, ParametersTarget::fuzzerTestOneInput),
    PNGTEXT(PngTextTarget.class, PngTextTarget::seeds, PngTextTarget::fuzzerTestOneInput),
    PICTURE(PictureTarget.class, PictureTarget::seeds, PictureTarget::fuzzerTestOneInput),
    ADAPTER(AdapterTarget.class, AdapterTarget::seeds, AdapterTarget::fuzzerTestOneInput),
    RECOGNITION(RecognitionTarget.class, RecognitionTarget::seeds, RecognitionTarget::fuzzerTestOneInput),
    MODEL(ModelTarget.class, ModelTarget::seeds, ModelTarget::fuzzerTestOneInput);

    private final Class<?> type;
    private final Seeds seeds;
    private final Run run;

    FuzzTargets(Class<?> type, Seeds seeds, Run run) {
        this.type = type;
        this.seeds = seeds;
        this.run = run;
    }

    /** The class whose {@code fuzzerTestOneInput} the fuzzer calls. */
    Class<?> type() {
        return type;
    }

    List<byte[]> seeds() throws IOException {
        try (Stream<byte[]> all = seeds.get()) {
            return all.toList();
        }
    }

    /** One input; whatever it throws is a finding. */
    void run(byte[] data) throws IOException {
        run.accept(data);
    }

    private interface Seeds {
        Stream<byte[]> get() throws IOException;
    }

    private interface Run {
        void accept(byte[] data) throws IOException;
    }
}
