package org.daguerre.adapter.lora;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.daguerre.nn.ModelMemory;
import org.daguerre.nn.WeightSlot;
import org.daguerre.weights.CheckpointException;

/**
 * Puts LoRAs into the networks of one model: W + sum_i weight_i (alpha_i / rank_i) up_i down_i, computed in f32 from
 * the file's weights. A change takes effect at once in layers that are loaded; weights that are not changed any more
 * become exactly what the file has.
 */
public final class LoraMerger {
    private final Map<ModuleNames.Network, ModelMemory> networks = new EnumMap<>(ModuleNames.Network.class);
    private final ModuleNames names;
    private List<LoraUse> applied = List.of();

    /**
     * @param text  first text encoder, or null (SDXL refiner)
     * @param text2 second text encoder, or null (SD 1 and 2)
     */
    public LoraMerger(ModelMemory unet, ModelMemory text, ModelMemory text2) {
        networks.put(ModuleNames.Network.UNET, unet);
        if (text != null) {
            networks.put(ModuleNames.Network.TEXT, text);
        }
        if (text2 != null) {
            networks.put(ModuleNames.Network.TEXT_2, text2);
        }
        names = new ModuleNames(modules(unet), modules(text), modules(text2));
    }

    private static Set<String> modules(ModelMemory memory) {
        return memory == null ? Set.of() : memory.modules();
    }

    /**
     * Makes the weights those of the model with exactly these LoRAs; an empty list restores the model.
     *
     * @return names in the files that stand for nothing in this model, to be told to the user
     * @throws CheckpointException if nothing in a file fits the model or a module has another size; then nothing has
     * changed
     */
    public List<String> apply(List<LoraUse> uses) {
        List<String> unused = new ArrayList<>();
        Map<ModuleNames.Network, Map<String, Merge>> merges = new EnumMap<>(ModuleNames.Network.class);
        networks.keySet().forEach(n -> merges.put(n, new HashMap<>()));
        uses.forEach(use -> collect(use, merges, unused));
        if (!uses.equals(applied)) {
            applied = null; // until everything is done, so that a failure half way is repaired by the next call
            merges.forEach((network, changes) -> networks.get(network).adapt(changes.keySet(), adapter(changes)));
            applied = List.copyOf(uses);
        }
        return unused;
    }

    private static WeightSlot.Adapter adapter(Map<String, Merge> changes) {
        return (module, original) -> changes.containsKey(module) ? changes.get(module).apply(original) : original;
    }

    private void collect(LoraUse use, Map<ModuleNames.Network, Map<String, Merge>> merges, List<String> unused) {
        Lora lora = use.lora();
        int found = 0;
        for (Map.Entry<String, Delta> entry : lora.deltas().entrySet()) {
            Optional<ModuleNames.Target> target = names.find(entry.getKey());
            if (target.isEmpty()) {
                unused.add(entry.getKey());
                continue;
            }
            ModuleNames.Network network = target.get().network();
            String module = target.get().module();
            requireFit(lora, entry.getValue(), networks.get(network).part(module));
            double weight = network == ModuleNames.Network.UNET ? use.unetWeight() : use.textWeight();
            if (weight != 0) {
                merges.get(network).computeIfAbsent(module, m -> new Merge()).add(entry.getValue(), weight);
            }
            found++;
        }
        if (found == 0) {
            throw CheckpointException.of(lora.file(), "a LoRA for this model", "modules that it does not have, such as "
                + lora.deltas().keySet().iterator().next());
        }
        unused.addAll(lora.foreign());
    }

    private static void requireFit(Lora lora, Delta delta, WeightSlot.Part part) {
        long columns = (long) part.in() * part.kh() * part.kw();
        if (delta.rows() != part.out() || delta.columns() != columns) {
            throw CheckpointException.of(lora.file(),
                "a change of " + part.out() + "x" + columns + " for " + part.module(),
                delta.rows() + "x" + delta.columns() + "; is the LoRA for another model?");
        }
    }
}
