package org.daguerre.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.daguerre.backend.Engines;
import org.daguerre.generate.Session;

/** What to time: the operations of a model, or one that the user describes. */
public final class WorkList {
    private static final int GROUPS = 32;
    private static final Map<String, String> FORMS = forms();

    private WorkList() {
    }

    private static Map<String, String> forms() {
        Map<String, String> forms = new LinkedHashMap<>();
        forms.put("conv2d", "N,H,W,C,O,K[,STRIDE]");
        forms.put("linear", "ROWS,K,O");
        forms.put("attention", "N,LQ,LK,HEADS,D");
        forms.put("group_norm", "N,POSITIONS,C");
        forms.put("layer_norm", "N,POSITIONS,C");
        return forms;
    }

    public static List<String> operations() {
        return List.copyOf(FORMS.keySet());
    }

    /**
     * One operation by its sizes.
     *
     * @throws IllegalArgumentException for another form than that of the operation
     */
    public static Work of(String operation, String shape) {
        String form = form(operation);
        int[] n;
        try {
            n = Arrays.stream(shape.split("[,x]")).mapToInt(t -> Integer.parseInt(t.strip())).toArray();
        } catch (NumberFormatException e) {
            n = new int[0];
        }
        int most = form.split(",").length;
        int least = form.contains("[") ? most - 1 : most;
        if (n.length < least || n.length > most || Arrays.stream(n).anyMatch(v -> v < 1)) {
            throw new IllegalArgumentException("shape of " + operation + ": expected " + form + ", found " + shape);
        }
        return switch (operation) {
            case "conv2d" -> convolution(n[0], n[1], n[2], n[3], n[4], n[5], n.length > 6 ? n[6] : 1);
            case "linear" -> new Work.Linear(n[0], n[1], n[2], false, false);
            case "attention" -> new Work.Attention(n[0], n[1], n[2], n[3], n[4], false);
            default -> new Work.Norm(operation.equals("layer_norm"), n[0], n[1], n[2], groups(operation, n[2]));
        };
    }

    private static String form(String operation) {
        String form = FORMS.get(operation);
        if (form == null) {
            throw new IllegalArgumentException("operation: expected one of " + String.join(", ", FORMS.keySet())
                + ", found " + operation);
        }
        return form;
    }

    private static int groups(String operation, int channels) {
        if (operation.equals("layer_norm")) {
            return 1;
        }
        if (channels % GROUPS != 0) {
            throw new IllegalArgumentException("shape of group_norm: expected channels in multiples of " + GROUPS
                + ", found " + channels);
        }
        return GROUPS;
    }

    private static Work convolution(int n, int h, int w, int c, int o, int k, int stride) {
        int pad = k / 2;
        int oh = (h + 2 * pad - k) / stride + 1;
        int ow = (w + 2 * pad - k) / stride + 1;
        return new Work.Convolution(n, h, w, c, 0, h, w, oh, ow, o, k, k, stride, pad, pad, false);
    }

    /**
     * The distinct operations of one guided step and one decoding of a model (of an autoencoder alone: of one decoding),
     * those of one kind if a kind is given.
     */
    public static List<Work> of(BenchSettings settings, Optional<String> operation) {
        operation.ifPresent(WorkList::form);
        Set<Work> all = settings.sampled() ? ofPictures(settings) : AutoencoderRuns.decodeWork(settings).keySet();
        all = new LinkedHashSet<>(all);
        addNorms(all);
        List<Work> kept = new ArrayList<>(all);
        operation.ifPresent(op -> kept.removeIf(w -> !w.operation().equals(op)));
        return kept;
    }

    private static Set<Work> ofPictures(BenchSettings settings) {
        WorkRecorder recorder = WorkRecorder.alone();
        Set<Work> all = new LinkedHashSet<>();
        try (Session session = Session.open(settings.source(), settings.session(),
            new Engines.Choice(recorder.backend(), ""))) {
            new ModelRuns(session, settings).textToImage(2, step -> {
                all.addAll(recorder.counts().keySet());
                recorder.clear();
            });
            all.addAll(recorder.counts().keySet());
        }
        return all;
    }

    private static void addNorms(Set<Work> all) {
        for (Work w : List.copyOf(all)) {
            if (w instanceof Work.Convolution c && c.kh() == 3 && (c.c() + c.c2()) % GROUPS == 0) {
                all.add(new Work.Norm(false, c.n(), c.h() * c.w(), c.c() + c.c2(), GROUPS)); // what feeds it
            }
            if (w instanceof Work.Attention a) {
                all.add(new Work.Norm(true, a.n(), a.lq(), a.heads() * a.d(), 1));
            }
        }
    }
}
