package org.daguerre.adapter.lora;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.CheckpointException;

/** The tensors that a file has for one module, and the kind of change that they make up. */
final class LoraParts {
    /** Part -> what people call it; a file that has one cannot be merged rightly, so it is refused. */
    private static final Map<String, String> REFUSED = Map.ofEntries(
        Map.entry("dora_scale", "DoRA"), Map.entry("lora_magnitude_vector", "DoRA"),
        Map.entry("bias", "a LoRA with biases"), Map.entry("diff_b", "changes of biases"),
        Map.entry("w_norm", "changes of norms"), Map.entry("b_norm", "changes of norms"),
        Map.entry("oft_blocks", "OFT"), Map.entry("oft_diag", "OFT"), Map.entry("rescale", "OFT"),
        Map.entry("boft_blocks", "BOFT"), Map.entry("on_input", "IA3"),
        Map.entry("a1", "GLoRA"), Map.entry("a2", "GLoRA"), Map.entry("b1", "GLoRA"), Map.entry("b2", "GLoRA"),
        Map.entry("bm", "GLoRA"));

    private final Path file;
    private final String stem;
    private final Map<String, HostTensor> tensors = new TreeMap<>();

    LoraParts(Path file, String stem) {
        this.file = file;
        this.stem = stem;
    }

    void put(String part, HostTensor tensor) {
        if (REFUSED.containsKey(part)) {
            throw CheckpointException.of(file, "LoRA, LoHa, LoKr or a full difference",
                REFUSED.get(part) + " (" + stem + "." + part + ")");
        }
        if (tensors.put(part, tensor) != null) {
            throw CheckpointException.of(file, "one tensor " + part + " for " + stem, "several");
        }
    }

    /** @param metadataScale scale that metadata give for a rank, used where there is no alpha */
    Delta delta(RankScale metadataScale) {
        if (tensors.containsKey("up") || tensors.containsKey("down")) {
            only("down", "up", "mid", "alpha");
            HostTensor down = matrix("down");
            HostTensor mid = optional("mid", 4);
            int rank = (mid == null ? down : mid).shape().dim(0);
            HostTensor up = matrix("up");
            require(up.shape().count() == (long) rank * up.shape().dim(0)
                && (mid == null || mid.shape().dim(1) == down.shape().dim(0)),
                "up [out, " + rank + "]", "up " + up.shape() + ", down " + down.shape());
            double scale = tensors.containsKey("alpha") ? alpha() / rank : metadataScale.of(stem, rank);
            return new LowRank(up, down, mid, scale);
        }
        if (tensors.containsKey("diff")) {
            only("diff", "alpha");
            return new Full(matrix("diff"));
        }
        return tensors.keySet().stream().anyMatch(p -> p.startsWith("hada_")) ? hadamard() : kronecker();
    }

    private Delta hadamard() {
        only("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2", "alpha");
        Hadamard.Factor one = factor("hada_w1_a", "hada_w1_b", "hada_t1");
        Hadamard.Factor two = factor("hada_w2_a", "hada_w2_b", "hada_t2");
        require(one.rows() == two.rows() && one.columns() == two.columns(), "factors of one shape",
            one.rows() + "x" + one.columns() + " and " + two.rows() + "x" + two.columns());
        return new Hadamard(one, two, tensors.containsKey("alpha") ? alpha() / one.b().shape().dim(0) : 1);
    }

    private Hadamard.Factor factor(String a, String b, String t) {
        HostTensor middle = optional(t, 4);
        Hadamard.Factor f = new Hadamard.Factor(matrix(a), matrix(b), middle);
        int inner = middle == null ? f.rank() : middle.shape().dim(1);
        require(f.a().shape().rank() == 2 && f.b().shape().dim(0) == inner
            && (middle == null || middle.shape().dim(0) == f.rank()),
            "factors of one rank", f.a().shape() + " and " + f.b().shape());
        return f;
    }

    private Delta kronecker() {
        only("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t1", "lokr_t2", "alpha");
        Kronecker.Factor one = kroneckerFactor("lokr_w1", "lokr_t1");
        Kronecker.Factor two = kroneckerFactor("lokr_w2", "lokr_t2");
        HostTensor ranked = two.b() != null ? two.b() : one.b();
        // Two whole factors have no rank; LyCORIS then ignores alpha.
        boolean scaled = ranked != null && tensors.containsKey("alpha");
        return new Kronecker(one, two, scaled ? alpha() / ranked.shape().dim(0) : 1);
    }

    private Kronecker.Factor kroneckerFactor(String name, String t) {
        if (tensors.containsKey(name)) {
            return new Kronecker.Factor(matrix(name), null, null);
        }
        Hadamard.Factor f = factor(name + "_a", name + "_b", t);
        return new Kronecker.Factor(f.a(), f.b(), f.t());
    }

    private HostTensor matrix(String part) {
        HostTensor t = tensors.get(part);
        boolean usable = t != null && t.shape().rank() >= 2 && t.shape().count() > 0 && t.dtype().isFloat();
        require(usable, "a matrix " + part, t == null ? "none" : t.dtype() + " " + t.shape());
        return t;
    }

    private HostTensor optional(String part, int rank) {
        if (!tensors.containsKey(part)) {
            return null;
        }
        Shape shape = matrix(part).shape();
        require(shape.rank() == rank, part + " of rank " + rank, shape);
        return tensors.get(part);
    }

    private double alpha() {
        HostTensor t = tensors.get("alpha");
        require(t.shape().count() == 1, "one number as alpha", t.shape());
        if (t.dtype().isFloat()) {
            return t.toFloats()[0];
        }
        return switch (t.dtype()) {
            case I64 -> t.data().getLong(0);
            case I32 -> t.data().getInt(0);
            case I16 -> t.data().getShort(0);
            default -> t.data().get(0);
        };
    }

    private void only(String... parts) {
        require(List.of(parts).containsAll(tensors.keySet()), "only " + List.of(parts), tensors.keySet());
    }

    private void require(boolean holds, String expected, Object found) {
        if (!holds) {
            throw CheckpointException.of(file, expected + " for " + stem, found.toString());
        }
    }
}
