package org.daguerre.generate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * Runs the U-Net passes that several requests need at the same time: those of one kind as one pass over all their rows, each row with its
 * own timestep and prompt. Engines compute a row independently of the rows beside it, so that a request gets the bits it gets alone.
 */
final class JoinedPasses implements AutoCloseable {
    private final Ops root;
    private Map<Pass.Kind, Prompts> prompts = new HashMap<>();

    /** The prompts of a group's requests, stacked; kept while the same requests go on together. */
    private static final class Prompts {
        private final List<Tensor[]> members;
        private final Ops ops;
        private final Tensor[] stacked;

        Prompts(Ops root, List<Tensor[]> members) {
            this.members = members;
            ops = root.child();
            stacked = new Tensor[members.get(0).length];
            try {
                for (int i = 0; i < stacked.length; i++) {
                    int layer = i;
                    stacked[i] = ops.stack(members.stream().map(m -> m[layer]).toArray(Tensor[]::new));
                }
            } catch (RuntimeException e) {
                ops.close();
                throw e;
            }
        }

        /** The same arrays, which stand for the same contents. */
        boolean of(List<Tensor[]> others) {
            boolean same = members.size() == others.size();
            for (int i = 0; same && i < others.size(); i++) {
                same = members.get(i) == others.get(i);
            }
            return same;
        }
    }

    /** @param root arena of the session, in the type of the U-Net */
    JoinedPasses(Ops root) {
        this.root = root;
    }

    /** Runs all of them; what fails keeps its failure. */
    void run(List<Pass> round) {
        Map<Pass.Kind, List<Pass>> groups = round.stream().collect(Collectors.groupingBy(Pass::kind, LinkedHashMap::new,
            Collectors.toList()));
        forgetAllBut(groups);
        for (Map.Entry<Pass.Kind, List<Pass>> group : groups.entrySet()) {
            List<Pass> members = group.getValue();
            if (members.size() == 1 || !together(group.getKey(), members)) {
                members.forEach(Pass::run);
            }
        }
    }

    /** @return false if memory does not suffice for all at once */
    private boolean together(Pass.Kind kind, List<Pass> members) {
        try (Ops ops = root.child()) {
            Tensor x = ops.stack(members.stream().map(p -> p.x).toArray(Tensor[]::new));
            Pass first = members.get(0);
            Tensor y = kind.runner().forward(ops, x, times(ops, members), prompts(kind, members), first.hyper, null);
            int row = 0;
            List<Tensor> outputs = new ArrayList<>();
            for (Pass p : members) {
                outputs.add(p.ops.stack(y.rows(row, row + p.rows())));
                row += p.rows();
            }
            for (int i = 0; i < members.size(); i++) {
                members.get(i).complete(outputs.get(i));
            }
            return true;
        } catch (BackendException.OutOfMemory | OutOfMemoryError e) {
            forgetAllBut(Map.of());
            return false;
        } catch (RuntimeException | Error e) {
            members.forEach(p -> p.fail(e));
            return true;
        }
    }

    /** One row of time projections per row of latents. */
    private static Tensor times(Ops ops, List<Pass> members) {
        List<Tensor> rows = new ArrayList<>();
        for (Pass p : members) {
            rows.addAll(Collections.nCopies(p.time.dim(0) == p.rows() ? 1 : p.rows(), p.time));
        }
        return ops.stack(rows.toArray(Tensor[]::new));
    }

    private Tensor[] prompts(Pass.Kind kind, List<Pass> members) {
        List<Tensor[]> texts = members.stream().map(p -> p.text).toList();
        Prompts known = prompts.get(kind);
        if (known == null || !known.of(texts)) {
            if (known != null) {
                prompts.remove(kind).ops.close();
            }
            prompts.put(kind, new Prompts(root, texts));
        }
        return prompts.get(kind).stacked;
    }

    private void forgetAllBut(Map<Pass.Kind, List<Pass>> groups) {
        Map<Pass.Kind, Prompts> kept = new HashMap<>();
        prompts.forEach((kind, p) -> {
            if (groups.getOrDefault(kind, List.of()).size() > 1) {
                kept.put(kind, p);
            } else {
                p.ops.close();
            }
        });
        prompts = kept;
    }

    @Override
    public void close() {
        forgetAllBut(Map.of());
    }
}
