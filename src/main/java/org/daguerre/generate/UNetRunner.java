package org.daguerre.generate;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.daguerre.nn.Probe;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;
import org.daguerre.unet.ContextTransform;
import org.daguerre.unet.ControlResiduals;
import org.daguerre.unet.StepContext;
import org.daguerre.unet.UNet;

/**
 * Runs the U-Net, recorded where the engine can: the first pass of a shape runs as it is, the second is recorded, and from then on a pass
 * is one launch of the recording on fixed tensors. The latest few recordings are kept, since each holds the memory of its activations.
 */
public final class UNetRunner implements AutoCloseable {
    private static final double[] COPY = {1};
    private static final int REMEMBERED = 4;

    private final UNet unet;
    private final Ops root;
    private final Map<Key, Recorded> recordings = new LinkedHashMap<>(8, 0.75f, true);

    /** What must be equal for a recording to fit. */
    private record Key(int rows, int height, int width, int channels, int timeRows, int length) {
    }

    /** Fixed tensors and the recording that works on them. */
    private static final class Recorded {
        private final Ops ops;
        private final Tensor x;
        private final Tensor time;
        private final Tensor[] text;
        private Tensor[] textSource;
        private Tensor y;
        private Backend.Recording recording;

        Recorded(Ops ops, Tensor x, Tensor time, Tensor[] text) {
            this.ops = ops;
            this.x = like(x);
            this.time = like(time);
            this.text = Arrays.stream(text).map(this::like).toArray(Tensor[]::new);
        }

        private Tensor like(Tensor t) {
            return ops.empty(t.dtype(), t.shape().toArray());
        }

        void close() {
            if (recording != null) {
                recording.close();
            }
            ops.close();
        }
    }

    /** @param root arena of the session, in the type of the U-Net */
    public UNetRunner(UNet unet, Ops root) {
        this.unet = unet;
        this.root = root;
    }

    public UNet unet() {
        return unet;
    }

    /**
     * One pass. The result belongs to {@code ops}.
     *
     * @param x       [rows, h, w, C] in the type of {@code ops}
     * @param time    from {@link UNet#embedTime}
     * @param text    from {@link UNet#projectText}; the same array object means the same content
     * @param hyper   or null
     * @param control or null
     */
    public Tensor forward(Ops ops, Tensor x, Tensor time, Tensor[] text, ContextTransform hyper, ControlResiduals control) {
        if (!ops.backend().canRecord() || hyper != null || control != null || text.length == 0) {
            return unet.forward(ops, x, new StepContext(time, text, hyper, Probe.NONE), control);
        }
        Recorded r = recorded(x, time, text);
        boolean first = r.textSource == null;
        ops.combineInto(r.x, COPY, x);
        ops.combineInto(r.time, COPY, time);
        if (r.textSource != text) {
            for (int i = 0; i < text.length; i++) {
                ops.combineInto(r.text[i], COPY, text[i]);
            }
            r.textSource = text;
        }
        StepContext c = new StepContext(r.time, r.text, null, Probe.NONE);
        if (first) {
            return unet.forward(ops, r.x, c, null);
        }
        if (r.recording == null) {
            r.recording = ops.backend().record(() -> r.y = unet.forward(r.ops, r.x, c, null));
        }
        r.recording.replay();
        return ops.stack(r.y);
    }

    private Recorded recorded(Tensor x, Tensor time, Tensor[] text) {
        Key key = new Key(x.dim(0), x.dim(1), x.dim(2), x.dim(3), time.dim(0), text[0].dim(1));
        Recorded known = recordings.get(key);
        if (known == null) {
            if (recordings.size() == REMEMBERED) {
                // The engine may still be at work on it.
                root.backend().synchronize();
                Iterator<Recorded> eldest = recordings.values().iterator();
                eldest.next().close();
                eldest.remove();
            }
            Ops ops = root.child();
            try {
                known = new Recorded(ops, x, time, text);
            } catch (RuntimeException e) {
                ops.close();
                throw e;
            }
            recordings.put(key, known);
        }
        return known;
    }

    /** Drops all recordings: after weights have been replaced, which may have moved. */
    public void forget() {
        recordings.values().forEach(Recorded::close);
        recordings.clear();
    }

    @Override
    public void close() {
        forget();
    }
}
