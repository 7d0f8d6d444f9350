package org.daguerre;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.daguerre.backend.Engines;
import org.daguerre.generate.Session;
import org.daguerre.tensor.DType;
import org.daguerre.text.Emphasis;

/**
 * A model, open for requests. Thread-safe: requests of several threads run in the order of their arrival, one after the other or joined
 * (see {@link Builder#picturesPerPass}).
 *
 * <pre>{@code
 * try (Daguerre sd = Daguerre.open()) {
 *     Result result = sd.generate(Request.builder("a red circle").seed(42).build());
 *     result.picture().save(Path.of("circle.png"));
 * }
 * }</pre>
 */
public final class Daguerre implements AutoCloseable {
    private final Session session;
    private final Worker worker;

    private Daguerre(Session session, int queue) {
        this.session = session;
        this.worker = new Worker(session::generate, queue, session.picturesPerPass());
    }

    /** The built-in model on the best engine of this machine. */
    public static Daguerre open() {
        return builder().open();
    }

    /** A diffusers folder or a single {@code .safetensors} or {@code .ckpt} file. */
    public static Daguerre open(Path model) {
        return builder().model(model).open();
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Makes the pictures of one request; returns when they are done.
     *
     * @throws IllegalArgumentException                     if the request does not suit the model
     * @throws java.util.concurrent.CancellationException   if the request's listener cancelled
     * @throws org.daguerre.tensor.BackendException         if the engine failed; after out of memory the session stays usable
     * @throws IllegalStateException                        if the session is closed, or this is called by a running request's listener
     */
    public Result generate(Request request) {
        return session.generate(request);
    }

    /**
     * Queues a request and returns at once.
     *
     * @throws QueueFullException    if as many requests wait as {@link Builder#queue} allows
     * @throws IllegalStateException if the session is closed
     */
    public Job submit(Request request) {
        return worker.submit(request);
    }

    /** What the session runs on and why, in one line. */
    public String engine() {
        return session.engine();
    }

    /**
     * How the model's tokenizer cuts a prompt into tokens and chunks of 75, in words for people who ask why a word has no effect. Knows the
     * words of the textual inversions of the latest request.
     */
    public String tokens(String prompt, Emphasis emphasis) {
        return session.tokens(prompt, emphasis);
    }

    /** Name of the model's family. */
    public String family() {
        return session.family();
    }

    /** Size of pictures where a request names none. */
    public Size defaultSize() {
        return session.defaultSize();
    }

    /**
     * Cancels waiting and running requests (a running one ends within one step, with a CancellationException for whoever waits for it),
     * then frees everything. Closing again does nothing.
     */
    @Override
    public void close() {
        worker.close();
        session.close();
    }

    /** How to open a session. */
    public static final class Builder {
        private Optional<Path> model = Optional.empty();
        private Optional<Path> config = Optional.empty();
        private Optional<String> prediction = Optional.empty();
        private Optional<Path> vae = Optional.empty();
        private String device = "auto";
        private Optional<DType> precision = Optional.empty();
        private int threads;
        private long memoryLimit;
        private Optional<Path> refiner = Optional.empty();
        private Optional<Path> depthModel = Optional.empty();
        private boolean vaeTiling;
        private boolean lowMemory;
        private Optional<Path> previewVae = Optional.empty();
        private int queue = 64;
        private int picturesPerPass;

        private Builder() {
        }

        public Builder model(Path path) {
            model = Optional.of(path);
            return this;
        }

        public Builder config(Path folder) {
            config = Optional.of(folder);
            return this;
        }

        /** {@code epsilon} or {@code v_prediction}, for files that do not say. */
        public Builder prediction(String type) {
            if (!type.equals("epsilon") && !type.equals("v_prediction")) {
                throw new IllegalArgumentException("prediction: expected epsilon or v_prediction, found " + type);
            }
            prediction = Optional.of(type);
            return this;
        }

        public Builder vae(Path path) {
            vae = Optional.of(path);
            return this;
        }

        /** auto, cuda, cuda:N, cpu, emulated or java. */
        public Builder device(String name) {
            device = name;
            return this;
        }

        /** auto, f32, f16 or bf16. */
        public Builder precision(String name) {
            precision = switch (name.toLowerCase(Locale.ROOT)) {
                case "auto" -> Optional.empty();
                case "f32", "fp32" -> Optional.of(DType.F32);
                case "f16", "fp16" -> Optional.of(DType.F16);
                case "bf16" -> Optional.of(DType.BF16);
                default -> throw new IllegalArgumentException("precision: expected auto, f32, f16 or bf16, found " + name);
            };
            return this;
        }

        public Builder threads(int n) {
            if (n < 0 || n > 1024) {
                throw new IllegalArgumentException("threads: expected 0 (all) to 1024, found " + n);
            }
            threads = n;
            return this;
        }

        /** Bytes that the engine may hold; 0 for no limit. */
        public Builder memoryLimit(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("memory limit: expected a number of bytes from 0, found " + bytes);
            }
            memoryLimit = bytes;
            return this;
        }

        public Builder refiner(Path path) {
            refiner = Optional.of(path);
            return this;
        }

        public Builder depthModel(Path path) {
            depthModel = Optional.of(path);
            return this;
        }

        /** TAESD: previews become pictures of full size instead of one pixel per latent. */
        public Builder previewVae(Path path) {
            previewVae = Optional.of(path);
            return this;
        }

        /** Sends pictures larger than 512 pixels through the autoencoder in overlapping tiles: less memory, slightly other pictures. */
        public Builder vaeTiling(boolean on) {
            vaeTiling = on;
            return this;
        }

        /**
         * How many pictures of different requests one pass of the U-Net may compute. Requests of equal size and adapters that arrive while
         * others run join them at the next step and leave when they are done, each with its own prompt, seed, sampler, steps and guidance;
         * requests with ControlNets run by themselves. Unless set: 4 on a GPU, 1 (one request after the other) on the other engines, which
         * gain little from it with large models. A request's picture does not depend on the company it had, except for rounding on {@code cpu}.
         */
        public Builder picturesPerPass(int pictures) {
            if (pictures < 1) {
                throw new IllegalArgumentException("pictures per pass: expected at least 1, found " + pictures);
            }
            picturesPerPass = pictures;
            return this;
        }

        /**
         * Keeps each network (text encoders, U-Net, autoencoder) in the engine only while it is used, and sends large pictures through the
         * autoencoder in tiles as {@link #vaeTiling} does. The most memory is then that of the U-Net while it samples; every picture reads
         * the model again. Pictures of up to 512 pixels are the same as without.
         */
        public Builder lowMemory(boolean on) {
            lowMemory = on;
            return this;
        }

        /** How many submitted requests may wait besides those that may run; 64 unless set. */
        public Builder queue(int requests) {
            if (requests < 1) {
                throw new IllegalArgumentException("queue: expected at least 1, found " + requests);
            }
            queue = requests;
            return this;
        }

        /**
         * Opens the engine and loads the model.
         *
         * @throws org.daguerre.weights.CheckpointException if a file is broken or not what it should be
         * @throws org.daguerre.tensor.BackendException     if the engine is not available
         */
        public Daguerre open() {
            SessionOptions options = new SessionOptions(model, config, prediction, vae, device, precision, threads, memoryLimit, refiner,
                depthModel, vaeTiling, lowMemory, picturesPerPass, previewVae);
            Engines.Choice choice = engine();
            try {
                return new Daguerre(Session.open(options, choice), queue);
            } catch (RuntimeException e) {
                choice.backend().close();
                throw e;
            }
        }

        /** The engine without a model. */
        Engines.Choice engine() {
            return Engines.open(device, new Engines.Options(precision.orElse(null), threads, memoryLimit, ""));
        }
    }
}
