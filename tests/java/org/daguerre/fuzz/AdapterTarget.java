package org.daguerre.fuzz;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.daguerre.adapter.Hypernetwork;
import org.daguerre.adapter.TextualInversion;
import org.daguerre.adapter.lora.Lora;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.tensor.Ops;
import org.daguerre.testing.MapCheckpoint;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.Checkpoints;

/** Textual inversions, LoRAs and hypernetworks: whole files, and checkpoints with the right names and wrong shapes. */
public final class AdapterTarget {
    private static final List<Consumer<Checkpoint>> READERS = List.of(AdapterTarget::inversion, Lora::read, AdapterTarget::hypernetwork);
    private static final String UP = "lora_unet_down_blocks_0_attentions_0_proj_in.";
    private static final List<String> NAMES = Stream.of("emb_params", "clip_l", "clip_g", "<word>", "768.0.linear.0.weight",
        "768.0.linear.0.bias", "768.0.linear.1.weight", "768.0.linear.1.bias", "768.1.linear.0.weight", "768.1.linear.0.bias",
        "768.1.linear.1.weight", "768.1.linear.1.bias", "16.0.linear.0.weight", "16.0.linear.0.bias", "16.1.linear.0.weight",
        "16.1.linear.0.bias", UP + "lora_up.weight", UP + "lora_down.weight", UP + "lora_mid.weight", UP + "alpha", UP + "hada_w1_a",
        UP + "hada_w1_b", UP + "hada_w2_a", UP + "hada_w2_b", UP + "hada_t1", UP + "hada_t2", UP + "lokr_w1", UP + "lokr_w1_a",
        UP + "lokr_w1_b", UP + "lokr_w2", UP + "lokr_w2_a", UP + "lokr_w2_b", UP + "lokr_t2", UP + "diff", UP + "diff_b", UP + "dora_scale",
        "unet.down_blocks.0.attentions.0.proj_in.lora_A.weight", "unet.down_blocks.0.attentions.0.proj_in.lora_B.weight",
        "text_encoder.text_model.encoder.layers.0.mlp.fc1.lora_linear_layer.up.weight",
        "text_encoder.text_model.encoder.layers.0.mlp.fc1.lora_linear_layer.down.weight").toList();

    private static final FuzzFile FILES = new FuzzFile();

    private AdapterTarget() {
    }

    static Stream<byte[]> seeds() {
        Corpus corpus = Corpus.of("adapter").fixtures("adapters/ti_sd1_a1111.pt", "adapters/ti_sd1_diffusers_1vec.safetensors",
            "adapters/ti_sdxl.safetensors", "adapters/ti_sd1_paramdict_legacy.pt");
        for (int first = 0; first < NAMES.size(); first += 4) {
            corpus.with(new byte[] {'1', (byte) 202, (byte) first, 3, 3, 2, 4, 4, 2, 3, 3, 7, 5, 5});
        }
        return corpus.stream();
    }

    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        if (data.length > 0 && data[0] == '1') {
            choices.next();
            boolean metadata = choices.next() % 2 == 0;
            MapCheckpoint made = MadeCheckpoint.read(choices, NAMES);
            READERS.forEach(r -> expectRefusal(() -> r.accept(metadata ? made.withMetadata("activation_func", "relu") : made)));
        } else {
            Path file = FILES.write("adapter", data);
            READERS.forEach(r -> expectRefusal(() -> read(file, r)));
        }
    }

    private static void read(Path file, Consumer<Checkpoint> reader) {
        try (Checkpoint checkpoint = Checkpoints.open(file)) {
            reader.accept(checkpoint);
        }
    }

    private static void inversion(Checkpoint checkpoint) {
        TextualInversion inversion = TextualInversion.read(checkpoint);
        inversion.name();
        expectRefusal(() -> inversion.forEncoder(0, 768));
        expectRefusal(() -> inversion.forEncoder(1, 4));
    }

    private static void hypernetwork(Checkpoint checkpoint) {
        try (Ops ops = Ops.on(new ReferenceBackend()); Hypernetwork hyper = Hypernetwork.load(ops, checkpoint)) {
            hyper.widths();
        }
    }

    private static void expectRefusal(Runnable reading) {
        try {
            reading.run();
        } catch (CheckpointException | IllegalArgumentException e) {
            // refused: the other good end
        }
    }
}
