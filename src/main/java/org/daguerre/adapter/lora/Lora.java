package org.daguerre.adapter.lora;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;

/** A file of weight changes: LoRA, LoCon, LoHa, LoKr or full differences, whatever trainer wrote it. */
public final class Lora {
    private final Path file;
    private final Map<String, Delta> deltas = new LinkedHashMap<>();
    private final List<String> foreign = new ArrayList<>();

    private Lora(Path file) {
        this.file = file;
    }

    /**
     * Reads names and shapes; numbers stay in the file until they are merged. The checkpoint may be closed afterwards.
     *
     * @throws CheckpointException if it has nothing of a LoRA, or something that cannot be merged (DoRA, OFT, ...): the
     * message names it
     */
    public static Lora read(Checkpoint checkpoint) {
        Lora lora = new Lora(checkpoint.source());
        Map<String, LoraParts> modules = new LinkedHashMap<>();
        for (String name : checkpoint.names()) {
            Optional<LoraKey> key = LoraKey.parse(name);
            if (key.isPresent()) {
                modules.computeIfAbsent(key.get().stem(), s -> new LoraParts(lora.file, s))
                    .put(key.get().part(), checkpoint.tensor(name));
            } else {
                lora.foreign.add(name);
            }
        }
        if (modules.isEmpty()) {
            throw CheckpointException.of(lora.file, "a LoRA", "no tensor with the name of one");
        }
        RankScale scale = RankScale.of(lora.file, checkpoint.metadata());
        modules.forEach((stem, parts) -> lora.deltas.put(stem, parts.delta(scale)));
        return lora;
    }

    public Path file() {
        return file;
    }

    /** Number of modules that it changes. */
    public int size() {
        return deltas.size();
    }

    /** Changes by the trainer's name of the module. */
    Map<String, Delta> deltas() {
        return deltas;
    }

    /** Names of tensors that are no part of a LoRA. */
    List<String> foreign() {
        return foreign;
    }

    @Override
    public String toString() {
        return "Lora[" + file + ", " + deltas.size() + " modules]";
    }
}
